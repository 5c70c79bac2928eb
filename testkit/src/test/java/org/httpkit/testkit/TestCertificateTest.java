package org.httpkit.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TestCertificateTest {
    @TempDir
    Path one;

    @TempDir
    Path other;

    @Test
    void noTwoCallsReturnTheSameCertificate() throws Exception {
        TestCertificate first = TestCertificate.make(one, "twice.example");
        TestCertificate second = TestCertificate.make(other, "twice.example");

        assertThat(Files.readString(first.chain())).isNotEqualTo(Files.readString(second.chain()));
        assertThat(Files.readString(first.key())).isNotEqualTo(Files.readString(second.key()));
    }

    @Test
    void theFolderOfTheCertificateHoldsItsThreeFilesAlone() throws Exception {
        TestCertificate made = TestCertificate.make(one, "*.files.example");

        try (Stream<Path> files = Files.list(one)) {
            assertThat(files).containsExactlyInAnyOrder(made.chain(), made.key(), made.store());
        }
    }
}
