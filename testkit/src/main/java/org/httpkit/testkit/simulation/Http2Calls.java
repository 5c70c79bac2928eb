package org.httpkit.testkit.simulation;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Chooses the requests of one simulated HTTP/2 client. */
final class Http2Calls {
    /** Fields that no request may have, names and values in turn (RFC 9113 section 8). */
    private static final List<List<String>> MALFORMED = List.of(
            List.of("connection", "close"),
            List.of("Upper", "case"),
            List.of("transfer-encoding", "chunked"),
            List.of("te", "gzip"),
            List.of("x", "a\rb"),
            List.of("content-length", "1"),
            List.of(":path", "/again"));

    private final Schedule schedule;
    private final SplittableRandom random;
    private final Course course;
    private final Broadcasts broadcasts;
    private final SimulatedFiles files;
    /** Whether the client gives up some requests. */
    private final boolean resets;

    private final List<Http2Call> calls = new ArrayList<>();

    Http2Calls(Schedule schedule, Course course, Broadcasts broadcasts, SimulatedFiles files) {
        this.schedule = schedule;
        this.random = schedule.random();
        this.course = course;
        this.broadcasts = broadcasts;
        this.files = files;
        this.resets = schedule.oneIn(3);
    }

    List<Http2Call> choose(int connection) {
        int count = 1 + random.nextInt(schedule.oneIn(4) ? 150 : 20);
        for (int i = 0; i < count; i++) {
            choose(connection + "-" + i);
        }
        return calls;
    }

    private void choose(String id) {
        if (course.streams() && schedule.oneIn(5)) {
            streamed(id);
        } else if (course.broadcasts() && schedule.oneIn(8)) {
            Expected feed = Expected.stream(() -> SimulatedHandler.feed(id) + String.join("", broadcasts.taken(id)));
            add("GET", "/feed/" + id, null, feed);
        } else if (course.files() && schedule.oneIn(5)) {
            boolean head = schedule.oneIn(16);
            Expected file = Expected.file(head, files.make(id));
            add(head ? "HEAD" : "GET", SimulatedFiles.requestPath(id), null, file);
        } else if (!course.broadcasts() && schedule.oneIn(12)) {
            webSocket(id);
        } else {
            usual(id);
        }
    }

    private void usual(String id) {
        boolean head = schedule.oneIn(16);
        String method = head ? "HEAD" : "GET";
        switch (random.nextInt(9)) {
            case 0 -> echo(id);
            case 1 -> add(method, "/fail/" + id, null, Expected.failure(head, 500));
            case 2 -> add(method, "/later/" + id, null, Expected.ok(head, "later " + id));
            case 3 -> add("GET", "/channel/" + id, null, Expected.stream(() -> SimulatedHandler.streamed(id)));
            case 4 -> add(method, "/large/" + id, null, Expected.ok(head, SimulatedHandler.large(id)));
            case 5 -> add(method, "/none/" + id, null, Expected.failure(head, 404));
            case 6 -> {
                List<String> more = schedule.oneIn(4) ? MALFORMED.get(random.nextInt(MALFORMED.size())) : List.of();
                Expected answer = more.isEmpty() ? Expected.ok(head, "quick " + id) : Expected.refusal();
                add(method, "/quick/" + id, null, answer, more);
            }
            default -> {
                String known = id.substring(0, id.indexOf('-')) + "-" + random.nextInt(3); // its path is indexed soon
                add(method, "/quick/" + known, null, Expected.ok(head, "quick " + known));
            }
        }
    }

    private void echo(String id) {
        String text = "b".repeat(random.nextInt(schedule.oneIn(8) ? 40_000 : 100)) + id;
        byte[] body = text.getBytes(StandardCharsets.ISO_8859_1);
        add("POST", "/echo/" + id, body, Expected.ok(text), declared(body.length));
    }

    private void streamed(String id) {
        BodyReader.Way[] ways = BodyReader.Way.values();
        int most = schedule.oneIn(10) ? 200_000 : schedule.oneIn(4) ? 20_000 : 500;
        BodyReader.Way way = ways[random.nextInt(ways.length)];
        byte[] body = new byte[1 + random.nextInt(most)];
        for (int i = 0; i < body.length; i++) {
            body[i] = BodyReader.at(id, i);
        }
        String path = BodyReader.path(way, id, body.length);
        add("POST", path, body, Expected.ok(BodyReader.answer(way, id)), declared(body.length));
    }

    private List<String> declared(int length) {
        return schedule.oneIn(2) ? List.of("content-length", String.valueOf(length)) : List.of();
    }

    private void webSocket(String id) {
        byte[] frames = WebSocketEcho.frames(id, random);
        List<String> fields = fields("CONNECT", "/websocket/" + id);
        fields.addAll(List.of(":protocol", "websocket", "sec-websocket-version", "13"));
        calls.add(new Http2Call(fields, frames, Expected.ok(""), true, patienceFrames()));
    }

    private void add(String method, String path, byte @Nullable [] body, Expected expected) {
        add(method, path, body, expected, List.of());
    }

    private void add(String method, String path, byte @Nullable [] body, Expected expected, List<String> more) {
        List<String> fields = fields(method, path);
        if (schedule.oneIn(3)) {
            fields.addAll(List.of("user-agent", "simulated"));
        }
        if (schedule.oneIn(30)) {
            fields.addAll(List.of("x-long", "l".repeat(random.nextInt(6000))));
        }
        fields.addAll(more);
        calls.add(new Http2Call(fields, body, expected, false, patienceFrames()));
    }

    private static List<String> fields(String method, String path) {
        return new ArrayList<>(List.of(":method", method, ":scheme", "http", ":authority", "simulated", ":path", path));
    }

    private int patienceFrames() {
        return resets && schedule.oneIn(4) ? random.nextInt(schedule.oneIn(2) ? 3 : 12) : Http2Call.NEVER;
    }
}
