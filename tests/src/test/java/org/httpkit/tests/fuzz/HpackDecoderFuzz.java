package org.httpkit.tests.fuzz;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.http2.FieldSink;
import org.httpkit.internal.http2.HpackDecoder;
import org.httpkit.internal.http2.Http2ViolationException;

/** Field blocks of one connection: each is fields within the limit or a named violation, the same at any split. */
public final class HpackDecoderFuzz {
    private static final int FIELD_BYTES = 32;
    private static final int STRINGS_BYTES = 64;

    private HpackDecoderFuzz() {}

    /** One byte chooses how large the lists may be, two the cut; blocks follow, each behind its length in one byte. */
    public static void fuzzerTestOneInput(byte[] data) {
        Choices choices = new Choices(data);
        int maxListBytes = choices.one() * 16;
        int cut = choices.two();
        Outcome.atAnySplit(choices.rest(), cut, () -> new Blocks(maxListBytes));
    }

    private static final class Blocks implements Outcome.Run {
        private final int maxListBytes;
        private final HpackDecoder decoder = new HpackDecoder();
        private int left;
        private boolean inBlock;
        private int listBytes;

        Blocks(int maxListBytes) {
            this.maxListBytes = maxListBytes;
        }

        @Override
        public boolean feed(ByteBuffer in, List<String> steps) {
            try {
                while (in.hasRemaining()) {
                    if (!inBlock) {
                        begin(in.get() & 0xFF, steps);
                    }
                    int count = Math.min(left, in.remaining());
                    decoder.decode(in.array(), in.arrayOffset() + in.position(), count);
                    in.position(in.position() + count);
                    left -= count;
                    if (left == 0) {
                        inBlock = false;
                        decoder.end();
                        steps.add("end, " + listBytes + " bytes");
                    }
                }
                return true;
            } catch (Http2ViolationException e) {
                steps.add(Outcome.violation(e.violation()));
                return false;
            }
        }

        private void begin(int length, List<String> steps) {
            inBlock = true;
            left = length;
            listBytes = 0;
            decoder.begin(
                    new FieldSink() {
                        @Override
                        public void field(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
                            take(text(bytes, nameStart, nameEnd), text(bytes, valueStart, valueEnd), steps);
                        }

                        @Override
                        public void tooLarge() {
                            steps.add("too large");
                        }
                    },
                    maxListBytes,
                    new ByteQueue(STRINGS_BYTES));
        }

        private void take(String name, String value, List<String> steps) {
            listBytes += FIELD_BYTES + name.length() + value.length();
            if (listBytes > maxListBytes) {
                throw new AssertionError("A list of " + listBytes + " bytes, of " + maxListBytes);
            }
            steps.add(name + ": " + value);
        }

        private static String text(byte[] bytes, int start, int end) {
            return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
        }

        @Override
        public void end(List<String> steps) {
            if (decoder.heldBytes() > 3 * 4096) {
                throw new AssertionError("A table of " + decoder.heldBytes() + " bytes");
            }
        }

        /** What is wrong with a string is seen when a piece of it is decoded. */
        @Override
        public int consumed(int taken) {
            return -1;
        }
    }
}
