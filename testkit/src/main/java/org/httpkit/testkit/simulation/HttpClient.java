package org.httpkit.testkit.simulation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.httpkit.testkit.RawResponse;

/** Pipelines requests, sometimes with one at the end that no server may accept, and knows what the answers must be. */
final class HttpClient extends SimulatedClient {
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
    private final Answers answers;

    private HttpClient(SimulatedWire wire, Schedule schedule, byte[] toSend, List<Expected> expected) {
        super(wire, schedule, toSend);
        this.expected = expected;
        this.answers = new Answers(expected);
    }

    static HttpClient make(SimulatedWire wire, Schedule schedule, int id, Course course) {
        SplittableRandom random = schedule.random();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        List<Expected> expected = new ArrayList<>();
        int requests = 1 + random.nextInt(20);
        for (int i = 0; i < requests; i++) {
            if (course.streams() && schedule.oneIn(6)) {
                expected.add(Expected.ok(StreamedPost.add(bytes, id + "-" + i, random)));
            } else {
                add(bytes, expected, random, id + "-" + i);
            }
        }
        if (course.streams() && schedule.oneIn(20)) {
            expected.add(Expected.ok(StreamedPost.addLast(bytes, id + "-last", random)));
        } else if (schedule.oneIn(10)) {
            bytes.writeBytes(
                    BAD_REQUESTS.get(random.nextInt(BAD_REQUESTS.size())).getBytes(StandardCharsets.ISO_8859_1));
            expected.add(Expected.refusal());
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
                expected.add(Expected.ok(body));
            }
            case 1 -> {
                request(bytes, method, "/fail/" + id);
                expected.add(Expected.failure(head, 500));
            }
            case 2 -> {
                request(bytes, method, "/later/" + id);
                expected.add(Expected.ok(head, "later " + id));
            }
            case 3 -> {
                request(bytes, "GET", "/channel/" + id);
                expected.add(Expected.stream(SimulatedHandler.streamed(id)));
            }
            case 4 -> {
                request(bytes, method, "/large/" + id);
                expected.add(Expected.ok(head, SimulatedHandler.large(id)));
            }
            case 5 -> {
                request(bytes, method, "/none/" + id);
                expected.add(Expected.failure(head, 404));
            }
            default -> {
                request(bytes, method, "/quick/" + id);
                expected.add(Expected.ok(head, "quick " + id));
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
            List<RawResponse> responses = answers.read(received);
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
            responses = answers.read(received);
        } catch (IOException e) {
            throw new AssertionError("Not what HTTP allows: " + e.getMessage(), e);
        }
        for (int i = 0; i < responses.size(); i++) {
            if (i >= expected.size()) {
                throw new AssertionError("More answers than requests: " + responses.get(i));
            }
            expected.get(i).verify(responses.get(i), i == responses.size() - 1, mayBeCut);
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

    /** A stream ends when its client ends its side: it may as well have gone. */
    @Override
    boolean takesHalfClosing() {
        return expected.stream().noneMatch(each -> each.isStream());
    }
}
