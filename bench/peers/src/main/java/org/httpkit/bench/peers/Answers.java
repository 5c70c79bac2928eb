package org.httpkit.bench.peers;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What all of these servers answer. */
final class Answers {
    static final int BACKLOG = 4096;
    static final byte[] HELLO = "Hello, World!".getBytes(StandardCharsets.US_ASCII);

    private static final Map<Integer, byte[]> BYTES = new ConcurrentHashMap<>();

    private Answers() {}

    /** The answer to {@code /bytes/N}; made once for each length, as an application would keep what it sends again and again. */
    static byte[] bytes(String path) {
        return BYTES.computeIfAbsent(number(path), byte[]::new);
    }

    /** The handler of {@code /sleep/MS}, where handlers may block. */
    static byte[] sleep(String path) {
        try {
            Thread.sleep(number(path));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return HELLO;
    }

    private static int number(String path) {
        return Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
    }
}
