package org.httpkit.testkit.simulation;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** Makes requests whose bodies are read while they arrive. */
final class StreamedPost {
    /** More than the server drops of a body to keep its connection. */
    private static final int TOO_MUCH_TO_DROP_BYTES = 300 * 1024;

    private StreamedPost() {}

    /** Adds one that keeps the connection, and tells what it is answered. */
    static String add(ByteArrayOutputStream bytes, String id, SplittableRandom random) {
        BodyReader.Way[] ways = BodyReader.Way.values();
        int most = random.nextInt(12) == 0 ? 240_000 : random.nextInt(4) == 0 ? 20_000 : 500;
        return add(bytes, ways[random.nextInt(ways.length)], id, 1 + random.nextInt(most), random);
    }

    /** Adds one of whose body the server is left with so much that it rather ends the connection. */
    static String addLast(ByteArrayOutputStream bytes, String id, SplittableRandom random) {
        return add(bytes, BodyReader.Way.UNREAD, id, TOO_MUCH_TO_DROP_BYTES, random);
    }

    private static String add(
            ByteArrayOutputStream bytes, BodyReader.Way way, String id, int length, SplittableRandom random) {
        byte[] body = new byte[length];
        for (int i = 0; i < length; i++) {
            body[i] = BodyReader.at(id, i);
        }
        String head = "POST " + BodyReader.path(way, id, length) + " HTTP/1.1\r\nHost: simulated\r\n";
        if (random.nextBoolean()) {
            put(bytes, head + "Content-Length: " + length + "\r\n\r\n");
            bytes.writeBytes(body);
        } else {
            put(bytes, head + "Transfer-Encoding: chunked\r\n\r\n");
            int longest = random.nextInt(4) == 0 ? 50 : 5000;
            for (int done = 0; done < length; ) {
                int count = Math.min(1 + random.nextInt(longest), length - done);
                put(bytes, Integer.toHexString(count) + "\r\n");
                bytes.write(body, done, count);
                put(bytes, "\r\n");
                done += count;
            }
            put(bytes, "0\r\n\r\n");
        }
        return BodyReader.answer(way, id);
    }

    private static void put(ByteArrayOutputStream bytes, String text) {
        bytes.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
