package org.httpkit.testkit.simulation;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** One direction of a simulated connection: bytes that were written and not read yet, up to a window. */
final class Pipe {
    private final Schedule schedule;
    private final int window;
    private byte[] bytes = new byte[1024];
    private int start;
    private int end;
    private boolean ended;

    Pipe(Schedule schedule, int window) {
        this.schedule = schedule;
        this.window = window;
    }

    int available() {
        return end - start;
    }

    int room() {
        return window - available();
    }

    void end() {
        ended = true;
    }

    boolean isEnded() {
        return ended;
    }

    /** Takes at most this many bytes of the buffer; returns how many. */
    int write(ByteBuffer from, int most) {
        int count = Math.min(Math.min(from.remaining(), room()), most);
        makeRoom(count);
        from.get(bytes, end, count);
        schedule.story.add(schedule.nanos(), bytes, end, count);
        end += count;
        return count;
    }

    /** Gives at most this many bytes; returns how many. */
    int read(ByteBuffer into, int most) {
        int count = Math.min(Math.min(into.remaining(), available()), most);
        into.put(bytes, start, count);
        start += count;
        return count;
    }

    private void makeRoom(int count) {
        if (end + count > bytes.length) {
            int length = available();
            byte[] larger = length + count > bytes.length / 2 ? new byte[2 * (length + count)] : bytes;
            System.arraycopy(bytes, start, larger, 0, length);
            bytes = larger;
            start = 0;
            end = length;
        }
    }

    @Override
    public String toString() {
        return new String(Arrays.copyOfRange(bytes, start, end), java.nio.charset.StandardCharsets.ISO_8859_1);
    }
}
