package org.httpkit.tests;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.httpkit.testkit.RawClient;

/**
 * The bytes of which the soak's bodies, files and messages consist: both sides can name each by its place, so that neither holds a large
 * body. Immutable.
 */
final class SoakPattern {
    private static final byte[] PERIOD = new byte[1 << 20];

    static {
        for (int i = 0; i < PERIOD.length; i++) {
            PERIOD[i] = (byte) ('a' + i * 7 % 26);
        }
    }

    private SoakPattern() {}

    /** The first bytes, for what is held as a whole. */
    static byte[] first(int count) {
        byte[] bytes = Arrays.copyOf(PERIOD, count);
        for (int at = PERIOD.length; at < count; at += PERIOD.length) {
            System.arraycopy(PERIOD, 0, bytes, at, Math.min(PERIOD.length, count - at));
        }
        return bytes;
    }

    /** Writes the bytes from one place up to another. */
    static void write(OutputStream out, long from, long to) throws IOException {
        for (long at = from; at < to; ) {
            int place = (int) (at % PERIOD.length);
            int count = (int) Math.min(PERIOD.length - place, to - at);
            out.write(PERIOD, place, count);
            at += count;
        }
    }

    /** Sends the bytes from one place up to another. */
    static void send(RawClient client, long from, long to) throws IOException {
        for (long at = from; at < to; ) {
            int place = (int) (at % PERIOD.length);
            int count = (int) Math.min(PERIOD.length - place, to - at);
            client.send(PERIOD, place, count);
            at += count;
        }
    }

    /** Makes a file of the first bytes. */
    static Path file(Path path, long count) throws IOException {
        try (OutputStream out = Files.newOutputStream(path)) {
            write(out, 0, count);
        }
        return path;
    }

    /** Compares bytes with the pattern as they come, and keeps none. Confined to one thread. */
    static final class Comparison extends OutputStream {
        private long count;
        private long differsFrom = -1;

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            for (int at = from; at < from + length; ) {
                int place = (int) (count % PERIOD.length);
                int alike = Math.min(PERIOD.length - place, from + length - at);
                int differs = Arrays.mismatch(bytes, at, at + alike, PERIOD, place, place + alike);
                if (differs >= 0 && differsFrom < 0) {
                    differsFrom = count + differs;
                }
                count += alike;
                at += alike;
            }
        }

        /** Whether what came are the first bytes, that many. */
        boolean isFirst(long wanted) {
            return count == wanted && differsFrom < 0;
        }

        /** How many bytes have come. */
        long count() {
            return count;
        }

        @Override
        public String toString() {
            return count + " bytes"
                    + (differsFrom < 0 ? " of the pattern" : ", wrong from byte " + differsFrom + " on");
        }
    }
}
