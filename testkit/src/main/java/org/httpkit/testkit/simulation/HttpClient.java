package org.httpkit.testkit.simulation;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.ResponseReader;

/** Pipelines requests, sometimes with one at the end that no server may accept, and knows what the answers must be. */
final class HttpClient extends SimulatedClient {
    /** A request's answer: its body is not compared if it is not known. */
    private record Expected(boolean toHead, int status, String body, boolean isStream) {
        Expected(boolean toHead, int status, String body) {
            this(toHead, status, body, false);
        }
    }

    private static final List<String> BAD_REQUESTS = List.of(
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\nHost: a\n\n",
            "POST /echo/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /echo/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n;\r\n",
            "POST /echo/x HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
            "GET / HTTP/3.0\r\nHost: a\r\n\r\n",
            "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
            "\0\1\2\3\r\n\r\n");

    private final List<Expected> expected;

    private HttpClient(SimulatedWire wire, Schedule schedule, byte[] toSend, List<Expected> expected) {
        super(wire, schedule, toSend);
        this.expected = expected;
    }

    static HttpClient make(SimulatedWire wire, Schedule schedule, int id, Course course) {
        SplittableRandom random = schedule.random();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        List<Expected> expected = new ArrayList<>();
        int requests = 1 + random.nextInt(20);
        for (int i = 0; i < requests; i++) {
            if (course.streams() && schedule.oneIn(6)) {
                expected.add(new Expected(false, 200, StreamedPost.add(bytes, id + "-" + i, random)));
            } else {
                add(bytes, expected, random, id + "-" + i);
            }
        }
        if (course.streams() && schedule.oneIn(20)) {
            expected.add(new Expected(false, 200, StreamedPost.addLast(bytes, id + "-last", random)));
        } else if (schedule.oneIn(10)) {
            bytes.writeBytes(
                    BAD_REQUESTS.get(random.nextInt(BAD_REQUESTS.size())).getBytes(StandardCharsets.ISO_8859_1));
            expected.add(new Expected(false, 0, ""));
        }
        return new HttpClient(wire, schedule, bytes.toByteArray(), expected);
    }

    private static void add(ByteArrayOutputStream bytes, List<Expected> expected, SplittableRandom random, String id) {
        boolean head = random.nextInt(16) == 0;
        String method = head ? "HEAD" : "GET";
        switch (random.nextInt(8)) {
            case 0 -> {
                String body = "b".repeat(random.nextInt(random.nextInt(8) == 0 ? 5000 : 100)) + id;
                bytes.writeBytes(post(id, body, random).getBytes(StandardCharsets.ISO_8859_1));
                expected.add(new Expected(false, 200, body));
            }
            case 1 -> {
                request(bytes, method, "/fail/" + id);
                expected.add(new Expected(head, 500, ""));
            }
            case 2 -> {
                request(bytes, method, "/later/" + id);
                expected.add(new Expected(head, 200, "later " + id));
            }
            case 3 -> {
                request(bytes, "GET", "/channel/" + id);
                expected.add(new Expected(false, 200, SimulatedHandler.streamed(id), true));
            }
            case 4 -> {
                request(bytes, method, "/large/" + id);
                expected.add(new Expected(head, 200, SimulatedHandler.large(id)));
            }
            case 5 -> {
                request(bytes, method, "/none/" + id);
                expected.add(new Expected(head, 404, ""));
            }
            default -> {
                request(bytes, method, "/quick/" + id);
                expected.add(new Expected(head, 200, "quick " + id));
            }
        }
    }

    private static void request(ByteArrayOutputStream bytes, String method, String path) {
        bytes.writeBytes(
                (method + " " + path + " HTTP/1.1\r\nHost: simulated\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String post(String id, String body, SplittableRandom random) {
        String head = "POST /echo/" + id + " HTTP/1.1\r\nHost: simulated\r\n";
        if (random.nextBoolean()) {
            return head + "Content-Length: " + body.length() + "\r\n\r\n" + body;
        }
        int cut = random.nextInt(body.length());
        return head + "Transfer-Encoding: chunked\r\n\r\n" + chunk(body.substring(0, cut)) + chunk(body.substring(cut))
                + "0\r\n\r\n";
    }

    private static String chunk(String data) {
        return data.isEmpty() ? "" : Integer.toHexString(data.length()) + "\r\n" + data + "\r\n";
    }

    @Override
    boolean isSatisfied(byte[] received) {
        try {
            List<RawResponse> responses = read(received);
            return responses.size() >= expected.size()
                    && responses.get(responses.size() - 1).isComplete();
        } catch (IOException e) {
            return false; // verify will tell
        }
    }

    @Override
    void verify(byte[] received, boolean mayBeCut) {
        List<RawResponse> responses;
        try {
            responses = read(received);
        } catch (IOException e) {
            throw new AssertionError("Not what HTTP allows: " + e.getMessage(), e);
        }
        for (int i = 0; i < responses.size(); i++) {
            if (i >= expected.size()) {
                throw new AssertionError("More answers than requests: " + responses.get(i));
            }
            compare(expected.get(i), responses.get(i), i == responses.size() - 1, mayBeCut);
        }
        if (!expectsEverything(mayBeCut)) {
            return;
        }
        if (responses.size() < expected.size()) {
            throw new AssertionError(responses.size() + " of " + expected.size() + " requests were answered");
        }
        if (!responses.get(responses.size() - 1).isComplete()) {
            throw new AssertionError("The last answer is not complete");
        }
    }

    private static void compare(Expected wanted, RawResponse got, boolean last, boolean mayBeCut) {
        if (wanted.status == 0) {
            if (got.status() < 400 || !got.saysClose()) {
                throw new AssertionError("A bad request was answered with " + got);
            }
            return;
        }
        if (mayBeCut && last && got.status() == 408) {
            return; // the rest of the request was awaited for too long
        }
        if (got.status() != wanted.status) {
            throw new AssertionError("Not " + wanted.status + " but " + got);
        }
        boolean known = wanted.status == 200 && !wanted.toHead;
        // The server may end a stream that is open; any other answer is whole, or ends with the connection.
        boolean mayBePart = (mayBeCut && wanted.isStream) || (last && !got.isComplete());
        boolean matches = wanted.body.equals(got.text()) || (mayBePart && wanted.body.startsWith(got.text()));
        if (known && !matches) {
            throw new AssertionError("Not " + wanted + " but " + got);
        }
    }

    /** A stream ends when its client ends its side: it may as well have gone. */
    @Override
    boolean takesHalfClosing() {
        return expected.stream().noneMatch(each -> each.isStream);
    }

    /** What can be read as responses; the last may not be complete. */
    private List<RawResponse> read(byte[] received) throws IOException {
        ByteArrayInputStream bytes = new ByteArrayInputStream(received);
        ResponseReader reader = new ResponseReader(new ResponseReader.Source() {
            @Override
            public int next() {
                return bytes.read();
            }

            @Override
            public int next(byte[] target, int count) {
                return bytes.read(target, 0, Math.min(count, target.length));
            }
        });
        List<RawResponse> responses = new ArrayList<>();
        while (bytes.available() > 0) {
            boolean toHead = responses.size() < expected.size() && expected.get(responses.size()).toHead;
            if (!endsHead(received, received.length - bytes.available())) {
                return responses; // the connection ended within it
            }
            RawResponse head = reader.readHead(toHead);
            try {
                responses.add(reader.readBody(head));
            } catch (IOException e) {
                if (bytes.available() > 0) {
                    throw e;
                }
                return responses; // it ended within a line of its framing
            }
        }
        return responses;
    }

    private static boolean endsHead(byte[] bytes, int from) {
        for (int i = from; i + 3 < bytes.length; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '\r' && bytes[i + 3] == '\n') {
                return true;
            }
        }
        return false;
    }
}
