package org.httpkit.testkit.simulation;

import java.io.IOException;
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
            "POST /echo/x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nExpect: the-worst\r\n\r\n",
            "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
            "\0\1\2\3\r\n\r\n");

    private final List<Expected> expected;
    private final List<Requests.Wait> waits;
    private final Answers answers;
    /** How many of the waits are over, and whether the next one has begun, or has been too long for the client. */
    private int waited;

    private boolean waiting;
    private boolean impatient;

    private HttpClient(SimulatedWire wire, Schedule schedule, Requests requests) {
        super(wire, schedule, requests.bytes());
        this.expected = requests.expected();
        this.waits = requests.waits();
        this.answers = new Answers(expected);
    }

    static HttpClient make(
            SimulatedWire wire, Schedule schedule, int id, Course course, Broadcasts broadcasts, SimulatedFiles files) {
        SplittableRandom random = schedule.random();
        Requests requests = new Requests();
        int count = 1 + random.nextInt(20);
        for (int i = 0; i < count; i++) {
            if (course.streams() && schedule.oneIn(6)) {
                StreamedPost.add(requests, id + "-" + i, random);
            } else if (course.broadcasts() && schedule.oneIn(8)) {
                String name = id + "-" + i;
                request(
                        requests,
                        "GET",
                        "/feed/" + name,
                        Expected.stream(() -> SimulatedHandler.feed(name) + String.join("", broadcasts.taken(name))));
            } else if (course.files() && schedule.oneIn(6)) {
                boolean head = schedule.oneIn(16);
                SimulatedFile file = files.make(id + "-" + i);
                request(
                        requests,
                        head ? "HEAD" : "GET",
                        SimulatedFiles.requestPath(id + "-" + i),
                        Expected.file(head, file));
            } else {
                add(requests, random, id + "-" + i, course);
            }
        }
        if (course.streams() && schedule.oneIn(6)) {
            StreamedPost.addLast(requests, id + "-last", random);
        } else if (schedule.oneIn(10)) {
            requests.put(BAD_REQUESTS.get(random.nextInt(BAD_REQUESTS.size())));
            requests.end(Expected.refusal());
        }
        return new HttpClient(wire, schedule, requests);
    }

    private static void add(Requests requests, SplittableRandom random, String id, Course course) {
        boolean head = random.nextInt(16) == 0;
        String method = head ? "HEAD" : "GET";
        switch (random.nextInt(8)) {
            case 0 -> post(requests, random, id, course.streams() ? Expectation.choose(random) : Expectation.NONE);
            case 1 -> request(requests, method, "/fail/" + id, Expected.failure(head, 500));
            case 2 -> request(requests, method, "/later/" + id, Expected.ok(head, "later " + id));
            case 3 -> request(requests, "GET", "/channel/" + id, Expected.stream(() -> SimulatedHandler.streamed(id)));
            case 4 -> request(requests, method, "/large/" + id, Expected.ok(head, SimulatedHandler.large(id)));
            case 5 -> request(requests, method, "/none/" + id, Expected.failure(head, 404));
            default -> request(requests, method, "/quick/" + id, Expected.ok(head, "quick " + id));
        }
    }

    private static void request(Requests requests, String method, String path, Expected answer) {
        requests.put(method + " " + path + " HTTP/1.1\r\nHost: simulated\r\n\r\n");
        requests.end(answer);
    }

    private static void post(Requests requests, SplittableRandom random, String id, Expectation expectation) {
        String body = "b".repeat(random.nextInt(random.nextInt(8) == 0 ? 5000 : 100)) + id;
        String head = "POST /echo/" + id + " HTTP/1.1\r\nHost: simulated\r\n" + expectation.line;
        if (random.nextBoolean()) {
            requests.put(head + "Content-Length: " + body.length() + "\r\n\r\n");
            expectation.begin(requests, random);
            requests.put(body);
        } else {
            int cut = random.nextInt(body.length());
            requests.put(head + "Transfer-Encoding: chunked\r\n\r\n");
            expectation.begin(requests, random);
            requests.put(chunk(body.substring(0, cut)) + chunk(body.substring(cut)) + "0\r\n\r\n");
        }
        requests.end(Expected.ok(body, expectation));
    }

    private static String chunk(String data) {
        return data.isEmpty() ? "" : Integer.toHexString(data.length()) + "\r\n" + data + "\r\n";
    }

    @Override
    int allowedBytes(byte[] received) {
        while (waited < waits.size()) {
            Requests.Wait next = waits.get(waited);
            if (next.position() > sentBytes() || !isOver(next, received)) {
                return next.position();
            }
            waited++;
            waiting = false;
            impatient = false;
        }
        return super.allowedBytes(received);
    }

    private boolean isOver(Requests.Wait wait, byte[] received) {
        if (!waiting) {
            waiting = true;
            if (!wait.patient()) {
                schedule.after(schedule.random().nextInt(500_000), () -> growImpatient(wait));
            }
        }
        try {
            if (answers.read(received).size() <= wait.request()) {
                return impatient || answers.continues(wait.request()) > 0;
            }
        } catch (IOException e) {
            return false; // verify will tell
        }
        if (answers.continues(wait.request()) == 0 && schedule.oneIn(2)) {
            schedule.tally.add(Happening.REST_KEPT);
            keepTheRest();
        }
        return true;
    }

    private void growImpatient(Requests.Wait wait) {
        if (waiting && waits.get(waited).equals(wait)) {
            impatient = true;
            askAgain();
        }
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
        verifyContinues(responses);
        if (!expectsEverything(mayBeCut)) {
            return;
        }
        for (int i = 0; i < responses.size(); i++) {
            SimulatedFile file = expected.get(i).file();
            if (file != null) {
                file.verify(true);
            }
        }
        if (isBroken()) {
            return;
        }
        if (responses.size() < expected.size()) {
            throw new AssertionError(responses.size() + " of " + expected.size() + " requests were answered");
        }
        if (!responses.get(responses.size() - 1).isComplete()) {
            throw new AssertionError("The last answer is not complete");
        }
    }

    private void verifyContinues(List<RawResponse> responses) {
        for (int i = 0; i < expected.size(); i++) {
            int count = answers.continues(i);
            schedule.tally.add(Happening.CONTINUE, count);
            expected.get(i).expectation().verify(count, i < responses.size() ? responses.get(i) : null);
        }
        if (answers.continues(expected.size()) > 0) {
            throw new AssertionError("a 100 that no request waits for");
        }
    }

    @Override
    boolean isBroken() {
        return expected.stream().anyMatch(Expected::isBroken);
    }

    /** A stream ends when its client ends its side: it may as well have gone. */
    @Override
    boolean takesHalfClosing() {
        return expected.stream().noneMatch(each -> each.isStream());
    }
}
