package org.httpkit.ring;

import java.net.URL;
import java.util.List;

/**
 * Checks that the classes which http-kit has by the same names are ours: beside http-kit's jar, which some programs have for its
 * client, that depends on the order of the class path.
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

    private ClassPath() {}

    /**
     * Checks them.
     *
     * @throws IllegalStateException if one of these classes is another's; the message says where from, and what to do
     */
    public static void check() {
        OF_THE_CORE.forEach(name -> requireBeside(name, ONLY_OURS));
        OF_RING.forEach(name -> requireBeside(name, ClassPath.class.getName()));
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
}
