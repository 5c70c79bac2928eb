package org.httpkit.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ServerOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Compares the tables of options in the documents with the builder. */
@Tag("once")
class OptionsTableTest {

    @Test
    void haveEveryOptionOfTheBuilder() {
        String[] options = Arrays.stream(HttpServer.Builder.class.getMethods())
                .filter(method -> method.getReturnType() == HttpServer.Builder.class)
                .map(Method::getName)
                .distinct()
                .toArray(String[]::new);

        assertThat(defaultsInTheTables().keySet()).containsExactlyInAnyOrder(options);
    }

    @Test
    void stateTheDefaults() throws Exception {
        Map<String, String> stated = defaultsInTheTables();
        Map<String, String> real = new TreeMap<>();
        ServerOptions defaults = defaults();
        for (String option : stated.keySet()) {
            String text = textOf(option, defaults);
            if (!text.isEmpty()) {
                real.put(option, text);
            }
        }

        assertThat(real).hasSizeGreaterThan(15);
        assertThat(stated).containsAllEntriesOf(real);
    }

    private static ServerOptions defaults() throws Exception {
        try (HttpServer server =
                HttpServer.builder().port(0).handler(request -> null).start()) {
            return server.options();
        }
    }

    /** A default that can be written down; empty for one that depends on the machine, or is none. */
    private static String textOf(String option, ServerOptions defaults) throws Exception {
        if (option.equals("eventLoops")
                || option.startsWith("maxQueuedBytesT")
                || option.startsWith("maxReceivedBytes")) {
            return "";
        }
        Method accessor = accessor(option);
        Object value = accessor == null ? null : accessor.invoke(defaults);
        if (value instanceof Duration duration) {
            return duration.toSeconds() + " s";
        }
        if (value instanceof Number number) {
            long whole = number.longValue();
            boolean mebibytes = whole > 0 && whole % (1 << 20) == 0;
            boolean thousands = whole >= 10_000 && whole % 1000 == 0;
            return mebibytes ? (whole >> 20) + " MiB" : thousands ? whole / 1000 + " 000" : Long.toString(whole);
        }
        return value instanceof String || value instanceof Enum ? value.toString() : "";
    }

    private static Method accessor(String option) {
        try {
            return ServerOptions.class.getMethod(option);
        } catch (NoSuchMethodException e) {
            return null;
        }
    }

    private static Map<String, String> defaultsInTheTables() {
        Map<String, String> defaults = new TreeMap<>();
        Documents.text("docs/options.md")
                .lines()
                .filter(line -> line.startsWith("| `"))
                .forEach(line -> {
                    String[] cells = line.split(" *\\| *", -1);
                    defaults.put(cells[1].replace("`", ""), cells[2]);
                });
        return defaults;
    }
}
