package org.httpkit.testkit.simulation;

import java.util.SplittableRandom;

/** Makes requests whose bodies are read while they arrive. */
final class StreamedPost {
    /** More than the server drops of a body to keep its connection. */
    private static final int TOO_MUCH_TO_DROP_BYTES = 300 * 1024;

    private StreamedPost() {}

    /** Adds one that keeps the connection. */
    static void add(Requests requests, String id, SplittableRandom random) {
        BodyReader.Way[] ways = BodyReader.Way.values();
        int most = random.nextInt(12) == 0 ? 240_000 : random.nextInt(4) == 0 ? 20_000 : 500;
        BodyReader.Way way = ways[random.nextInt(ways.length)];
        // A client that waits for 100 (Continue) in vain loses its connection, because the server cannot know whether
        // the body follows.
        Expectation expectation = way == BodyReader.Way.UNREAD ? Expectation.NONE : Expectation.choose(random);
        add(requests, way, expectation, id, 1 + random.nextInt(most), random);
    }

    /** Adds one of whose body the server is left with so much, or knows so little, that it rather ends the connection. */
    static void addLast(Requests requests, String id, SplittableRandom random) {
        if (random.nextInt(4) == 0) {
            add(requests, BodyReader.Way.UNREAD, Expectation.NONE, id, TOO_MUCH_TO_DROP_BYTES, random);
        } else {
            add(requests, BodyReader.Way.UNREAD, Expectation.UNHEARD, id, 1 + random.nextInt(20_000), random);
        }
    }

    private static void add(
            Requests requests,
            BodyReader.Way way,
            Expectation expectation,
            String id,
            int length,
            SplittableRandom random) {
        byte[] body = new byte[length];
        for (int i = 0; i < length; i++) {
            body[i] = BodyReader.at(id, i);
        }
        String head =
                "POST " + BodyReader.path(way, id, length) + " HTTP/1.1\r\nHost: simulated\r\n" + expectation.line;
        if (random.nextBoolean()) {
            requests.put(head + "Content-Length: " + length + "\r\n\r\n");
            expectation.begin(requests, random);
            requests.put(body, 0, length);
        } else {
            requests.put(head + "Transfer-Encoding: chunked\r\n\r\n");
            expectation.begin(requests, random);
            int longest = random.nextInt(4) == 0 ? 50 : 5000;
            for (int done = 0; done < length; ) {
                int count = Math.min(1 + random.nextInt(longest), length - done);
                requests.put(Integer.toHexString(count) + "\r\n");
                requests.put(body, done, count);
                requests.put("\r\n");
                done += count;
            }
            requests.put("0\r\n\r\n");
        }
        requests.end(Expected.ok(BodyReader.answer(way, id), expectation));
    }
}
