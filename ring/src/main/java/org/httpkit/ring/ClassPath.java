package org.httpkit.ring;

import java.io.ByteArrayInputStream;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Checks that the classes which http-kit has by the same names are ours: beside http-kit's jar, which some programs have for its
 * client, that depends on the order of the class path; in one jar made of all, on the order of the merge.
 */
public final class ClassPath {
    private static final List<String> OF_THE_CORE =
            List.of("org.httpkit.server.AsyncChannel", "org.httpkit.server.HttpServer");
    private static final List<String> OF_RING = List.of(
            "org.httpkit.BytesInputStream",
            "org.httpkit.PrefixThreadFactory",
            "org.httpkit.logger.ContextLogger",
            "org.httpkit.logger.EventLogger",
            "org.httpkit.logger.EventNames",
            "org.httpkit.server.Frame");
    private static final String ONLY_OURS = "org.httpkit.server.CallbackChannel";

    /** By what ours can be told from http-kit's where both would be in the same place. The loggers and the factory are alike. */
    private static final Map<String, Predicate<Class<?>>> MARKS = Map.of(
            "org.httpkit.server.AsyncChannel",
                    found -> found.getSuperclass().getName().equals(ONLY_OURS),
            "org.httpkit.server.HttpServer", AutoCloseable.class::isAssignableFrom,
            "org.httpkit.server.Frame", found -> Modifier.isAbstract(found.getModifiers()),
            "org.httpkit.BytesInputStream", ByteArrayInputStream.class::isAssignableFrom,
            "org.httpkit.logger.EventNames",
                    found -> Arrays.stream(found.getFields())
                            .anyMatch(field -> field.getName().equals("serverShed")));

    private ClassPath() {}

    /**
     * Checks them.
     *
     * @throws IllegalStateException if one of these classes is another's; the message says where from, and what to do
     */
    public static void check() {
        OF_THE_CORE.forEach(name -> requireBeside(name, ONLY_OURS));
        OF_RING.forEach(name -> requireBeside(name, ClassPath.class.getName()));
        MARKS.forEach(ClassPath::requireOurs);
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

    /** The jar or folder that a class is taken from; it is not loaded for that. */
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

    private static void requireOurs(String name, Predicate<Class<?>> isOurs) {
        if (!isOurs(name, isOurs)) {
            throw new IllegalStateException("The class " + name + " in " + place(name)
                    + " is http-kit's, among classes of httpkit: where the jars were merged, let httpkit-server and httpkit-ring"
                    + " win over http-kit, or leave http-kit out if its client is not needed.");
        }
    }

    private static boolean isOurs(String name, Predicate<Class<?>> isOurs) {
        try {
            return isOurs.test(Class.forName(name, false, ClassPath.class.getClassLoader()));
        } catch (ClassNotFoundException | LinkageError e) {
            return false; // such as http-kit's class without the ones that it is made of
        }
    }
}
