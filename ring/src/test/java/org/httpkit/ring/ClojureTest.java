package org.httpkit.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import clojure.java.api.Clojure;
import clojure.lang.IFn;
import clojure.lang.Symbol;
import clojure.lang.Var;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Runs the tests written in Clojure. Each deftest is a separate test, and its failures read as those of clojure.test. */
final class ClojureTest {
    private static final IFn REQUIRE = Clojure.var("clojure.core", "require");
    private static final String IN_BROWSER = "-in-browser-test";

    @TestFactory
    Stream<DynamicContainer> namespaces() throws Exception {
        return tests(testNamespaces().stream().filter(name -> !name.endsWith(IN_BROWSER)));
    }

    /** Skipped where there is no browser. */
    @Tag("foreign")
    @Tag("once")
    @TestFactory
    Stream<DynamicContainer> namespacesInBrowser() throws Exception {
        REQUIRE.invoke(Symbol.intern("org.httpkit.browser"));
        assumeTrue(
                (Boolean) Clojure.var("org.httpkit.browser", "installed?").invoke(),
                "chromium or chromedriver is not on the PATH");
        return tests(testNamespaces().stream().filter(name -> name.endsWith(IN_BROWSER)));
    }

    private static Stream<DynamicContainer> tests(Stream<String> namespaces) {
        REQUIRE.invoke(Symbol.intern("org.httpkit.runner"));
        IFn tests = Clojure.var("org.httpkit.runner", "tests");
        return namespaces.map(name -> {
            REQUIRE.invoke(Symbol.intern(name));
            List<?> vars = (List<?>) tests.invoke(Symbol.intern(name));
            assertFalse(vars.isEmpty(), name + " has no test");
            return dynamicContainer(
                    name, vars.stream().map(each -> dynamicTest(title((Var) each), () -> run((Var) each))));
        });
    }

    private static String title(Var test) {
        return test.sym.getName().replace('-', ' ');
    }

    private static void run(Var test) {
        Object told = Clojure.var("org.httpkit.runner", "failures").invoke(test);
        assertEquals("", told);
    }

    private static List<String> testNamespaces() throws IOException, URISyntaxException {
        URI here = ClojureTest.class.getResource("/org/httpkit/runner.clj").toURI();
        Path folder = Path.of(here).getParent();
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith("_test.clj"))
                    .map(file -> "org.httpkit."
                            + folder.relativize(file)
                                    .toString()
                                    .replace(".clj", "")
                                    .replace('/', '.')
                                    .replace('_', '-'))
                    .sorted()
                    .toList();
        }
    }
}
