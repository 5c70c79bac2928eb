package org.httpkit.tests;

import java.util.Set;
import java.util.stream.Collectors;

/** The threads that servers of this JVM have made. Those of topics and of logs, which live on for a while, are not among them. */
final class ServerThreads {

    private ServerThreads() {}

    /** The live ones. */
    static Set<Thread> live() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> isOfServer(thread.getName()))
                .collect(Collectors.toSet());
    }

    private static boolean isOfServer(String name) {
        return name.startsWith("httpkit-") && !name.startsWith("httpkit-topics") && !name.startsWith("httpkit-log");
    }
}
