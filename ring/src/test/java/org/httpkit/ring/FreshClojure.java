package org.httpkit.ring;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A fresh Clojure that has loaded nothing yet, on a class path of the test's choice. */
final class FreshClojure implements AutoCloseable {
    private final URLClassLoader loader;

    private FreshClojure(List<Path> classPath) throws MalformedURLException {
        URL[] urls = new URL[classPath.size()];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = classPath.get(i).toUri().toURL();
        }
        loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
    }

    static FreshClojure on(List<Path> classPath) throws MalformedURLException {
        return new FreshClojure(classPath);
    }

    /** What this test runs on. */
    static List<Path> classPath() {
        String all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(all.split(File.pathSeparator)).map(Path::of).toList();
    }

    /** The class path without the folders and jars that have such a resource. */
    static List<Path> classPathWithout(String resource) throws IOException {
        List<Path> rest = new ArrayList<>();
        for (Path entry : classPath()) {
            try (URLClassLoader only =
                    new URLClassLoader(new URL[] {entry.toUri().toURL()}, null)) {
                if (only.findResource(resource) == null) {
                    rest.add(entry);
                }
            }
        }
        return rest;
    }

    /** The class path's entry that has such a resource. */
    static Path entryWith(String resource) throws IOException {
        List<Path> others = classPathWithout(resource);
        return classPath().stream()
                .filter(entry -> !others.contains(entry))
                .findFirst()
                .orElseThrow();
    }

    /** The value of the last of some expressions, printed by {@code str}; what they throw is thrown as text. */
    String eval(String expressions) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            Class<?> clojure = loader.loadClass("clojure.java.api.Clojure");
            Object loadString =
                    clojure.getMethod("var", Object.class, Object.class).invoke(null, "clojure.core", "load-string");
            Object value = loader.loadClass("clojure.lang.IFn")
                    .getMethod("invoke", Object.class)
                    .invoke(loadString, expressions);
            return String.valueOf(value);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Override
    public void close() throws IOException {
        loader.close();
    }
}
