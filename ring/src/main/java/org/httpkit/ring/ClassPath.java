package org.httpkit.ring;

import clojure.lang.RT;
import java.io.ByteArrayInputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.util.List;

/**
 * Checks that classes with names that http-kit uses, too, are ours. Beside http-kit's jar, which some programs have for
 * its client, that depends on the order of the class path; in one jar made of all, on the order of the merge.
 */
public final class ClassPath {
    private static final String CHANNEL = "org.httpkit.server.AsyncChannel";
    private static final String SERVER = "org.httpkit.server.HttpServer";
    private static final String FRAME = "org.httpkit.server.Frame";
    private static final String STREAM = "org.httpkit.BytesInputStream";
    private static final String EVENT_NAMES = "org.httpkit.logger.EventNames";

    private static final List<String> OF_THE_CORE = List.of(CHANNEL, SERVER);
    private static final List<String> OF_RING = List.of(
            STREAM,
            "org.httpkit.PrefixThreadFactory",
            "org.httpkit.logger.ContextLogger",
            "org.httpkit.logger.EventLogger",
            EVENT_NAMES,
            FRAME);
    private static final List<String> MARKED = List.of(CHANNEL, SERVER, FRAME, STREAM, EVENT_NAMES);
    private static final String ONLY_OURS = "org.httpkit.server.CallbackChannel";

    private ClassPath() {}

    /**
     * Checks the classes. Written without lambdas, the first of which takes a JVM longer than the whole check.
     *
     * @throws IllegalStateException if one of these classes is not ours; the message says where it comes from, and what
     *     to do
     */
    public static void check() {
        for (String name : OF_THE_CORE) {
            requireBeside(name, ONLY_OURS);
        }
        for (String name : OF_RING) {
            requireBeside(name, ClassPath.class.getName());
        }
        for (String name : MARKED) {
            requireOurs(name);
        }
    }

    /** Whether a namespace, given as a path, is there: as source or compiled. */
    public static boolean hasNamespace(String path) {
        ClassLoader loader = RT.baseLoader();
        return loader.getResource(path + ".clj") != null
                || loader.getResource(path + ".cljc") != null
                || loader.getResource(path + "__init.class") != null;
    }

    private static void requireBeside(String name, String neighbour) {
        String place = place(name);
        String expected = place(neighbour);
        if (!place.equals(expected)) {
            throw new IllegalStateException("The class " + name + " comes from " + place + ", but should come from "
                    + expected
                    + ". Both httpkit and http-kit are on the class path: put httpkit-server and httpkit-ring"
                    + " ahead of http-kit, or leave http-kit out if its client is not needed.");
        }
    }

    /** The jar or folder that contains a class, which is not loaded. */
    private static String place(String name) {
        String file = name.replace('.', '/') + ".class";
        ClassLoader loader = ClassPath.class.getClassLoader();
        URL url = loader == null ? ClassLoader.getSystemResource(file) : loader.getResource(file);
        if (url == null) {
            return "nowhere";
        }
        String text = url.toString();
        return text.substring(0, text.length() - file.length());
    }

    private static void requireOurs(String name) {
        if (!isOurs(name)) {
            throw new IllegalStateException("The class " + name + " in " + place(name)
                    + " is http-kit's, among classes of httpkit: where the jars were merged, let httpkit-server and httpkit-ring"
                    + " win over http-kit, or leave http-kit out if its client is not needed.");
        }
    }

    /** Tells our classes from http-kit's where both would be in one place. The loggers and the factory are alike. */
    private static boolean isOurs(String name) {
        try {
            Class<?> found = Class.forName(name, false, ClassPath.class.getClassLoader());
            return switch (name) {
                case CHANNEL -> found.getSuperclass().getName().equals(ONLY_OURS);
                case SERVER -> AutoCloseable.class.isAssignableFrom(found);
                case FRAME -> Modifier.isAbstract(found.getModifiers());
                case STREAM -> ByteArrayInputStream.class.isAssignableFrom(found);
                case EVENT_NAMES -> hasField(found, "serverShed");
                default -> throw new IllegalArgumentException(name);
            };
        } catch (ClassNotFoundException | LinkageError e) {
            return false; // such as http-kit's class without the classes on which it depends
        }
    }

    private static boolean hasField(Class<?> type, String name) {
        for (Field field : type.getFields()) {
            if (field.getName().equals(name)) {
                return true;
            }
        }
        return false;
    }
}
