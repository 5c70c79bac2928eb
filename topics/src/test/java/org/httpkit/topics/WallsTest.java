package org.httpkit.topics;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What this module must not know. */
class WallsTest {

    @Test
    void topicsKnowOnlyThePublicApi() {
        noClasses()
                .that()
                .resideInAPackage("org.httpkit.topics..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.httpkit.internal..")
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("org.httpkit.topics"));
    }
}
