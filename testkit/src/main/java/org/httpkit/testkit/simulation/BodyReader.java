package org.httpkit.testkit.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * Handles requests by reading their bodies while they arrive: everything at once, slowly, in part, or not at all. Compares every
 * byte with the one that the client sent.
 */
final class BodyReader {
    /** What a handler does with a body. The request's path has its name. */
    enum Way {
        ALL,
        SLOWLY,
        PARTLY,
        UNREAD
    }

    /** The most that waits for a reader: 64 KiB and one read of the loop. */
    private static final int MOST_WAITING_BYTES = 128 * 1024;

    private static final long LONG_PAUSE_NANOS = 40_000_000_000L;

    private final Schedule schedule;
    private final List<InputStream> open = new ArrayList<>();
    private @Nullable String fault;
    /** Bodies that ended, or broke off with a cause that the reader learned. */
    int ended;

    int brokenOff;

    BodyReader(Schedule schedule) {
        this.schedule = schedule;
    }

    static String path(Way way, String id, int length) {
        return "/" + way + "/" + length + "/" + id;
    }

    static boolean reads(String path) {
        return way(path) != null;
    }

    static byte at(String id, int position) {
        return (byte) ('a' + Math.floorMod(id.hashCode() + position * 31 + (position >> 8), 26));
    }

    static String answer(Way way, String id) {
        return way + " " + id;
    }

    /** How many requests it handles now, whether it reads their bodies or not. */
    int running() {
        return open.size();
    }

    /** Checks what must hold at any time. */
    void verifySoFar() {
        if (fault != null) {
            throw new AssertionError(fault);
        }
        for (InputStream body : open) {
            try {
                if (body.available() > MOST_WAITING_BYTES) {
                    throw new AssertionError(body.available() + " bytes wait for the reader of a body");
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    Response handle(Request request) throws IOException {
        Way way = way(request.path());
        String[] parts = request.path().split("/", 4);
        int length = Integer.parseInt(parts[2]);
        String id = parts[3];
        InputStream body = request.body().stream();
        open.add(body);
        try {
            switch (java.util.Objects.requireNonNull(way)) {
                case ALL -> read(body, id, length, Integer.MAX_VALUE, false);
                case SLOWLY -> read(body, id, length, Integer.MAX_VALUE, true);
                case PARTLY -> read(body, id, length, 1 + schedule.random().nextInt(length), schedule.oneIn(2));
                case UNREAD -> {}
            }
            ended++;
        } catch (IOException e) {
            brokenOff++;
            throw e;
        } finally {
            open.remove(body);
        }
        return Response.text(answer(way, id));
    }

    private void read(InputStream body, String id, int length, int most, boolean slowly) throws IOException {
        byte[] some = new byte[8192];
        int position = 0;
        if (slowly && schedule.oneIn(4)) {
            pause(schedule.random().nextInt(300_000)); // perhaps the client waits for 100 (Continue)
        }
        while (position < most) {
            int count =
                    body.read(some, 0, schedule.oneIn(4) ? 1 + schedule.random().nextInt(100) : some.length);
            if (count < 0) {
                if (position != length) {
                    fault = position + " of " + length + " bytes of a body were delivered, and no cause told";
                }
                return;
            }
            for (int i = 0; i < count; i++) {
                if (position == length || some[i] != at(id, position++)) {
                    fault = "Byte " + position + " of a body is not the one that was sent";
                    return;
                }
            }
            if (slowly && schedule.oneIn(4)) {
                pause(schedule.oneIn(100) ? LONG_PAUSE_NANOS : schedule.random().nextInt(300_000));
            }
        }
    }

    private void pause(long nanos) {
        Fiber fiber = Fiber.current();
        schedule.after(nanos, fiber);
        fiber.suspend();
    }

    private static @Nullable Way way(String path) {
        for (Way way : Way.values()) {
            if (path.startsWith(way.name(), 1)) {
                return way;
            }
        }
        return null;
    }
}
