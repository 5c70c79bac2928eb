package org.httpkit.examples;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** Serves a library for browsers out of the jar on the class path that it comes in: a WebJar. */
final class WebJar implements Handler {
    private final String folder;

    /** @param name the library's, as npm knows it */
    WebJar(String name) {
        folder = "/META-INF/resources/webjars/" + name + "/" + version(name) + "/dist/";
    }

    @Override
    public @Nullable Response handle(Request request) throws IOException {
        String file = request.path().substring(request.path().lastIndexOf('/') + 1);
        try (InputStream content = WebJar.class.getResourceAsStream(folder + file)) {
            return content == null || !file.matches("[\\w.-]+\\.(js|css)")
                    ? null
                    : Response.bytes(content.readAllBytes())
                            .header("Content-Type", file.endsWith("js") ? "text/javascript" : "text/css")
                            .header("Cache-Control", "max-age=3600");
        }
    }

    private static String version(String name) {
        String about = "/META-INF/maven/org.webjars.npm/" + name + "/pom.properties";
        try (InputStream file = Objects.requireNonNull(WebJar.class.getResourceAsStream(about), about)) {
            Properties properties = new Properties();
            properties.load(file);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
