package org.httpkit.tests.fuzz;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a decoder made of its input: the steps in words, a violation among them as the last, and how many bytes it consumed.
 *
 * @param steps one line each, all that can be told of them
 * @param consumed up to and with the byte that was refused; -1 if that may depend on the split
 */
record Outcome(List<String> steps, int consumed) {
    private static final String VIOLATION = "violation ";

    /** One decoder at work. */
    interface Run {
        /** Takes steps until it wants more, writes them down; false if it can take no more, after a violation for example. */
        boolean feed(ByteBuffer in, List<String> steps);

        /** What can be told at the end of the input. */
        void end(List<String> steps);

        /** How many of the bytes taken are gone for good; -1 if that may depend on the split. */
        default int consumed(int taken) {
            return taken;
        }
    }

    static String violation(Object which) {
        return VIOLATION + which;
    }

    boolean isRefused() {
        return !steps.isEmpty() && steps.get(steps.size() - 1).startsWith(VIOLATION);
    }

    /**
     * What comes of the input in one piece, having made sure that it is the same byte by byte and cut in two, and that a
     * violation hangs on no byte behind the one it is found at, nor is there without that one.
     */
    static Outcome atAnySplit(byte[] input, int cut, Supplier<? extends Run> decoder) {
        Outcome whole = of(decoder.get(), List.of(input));
        int place = input.length == 0 ? 0 : cut % input.length;
        List<byte[]> halves = List.of(Arrays.copyOf(input, place), Arrays.copyOfRange(input, place, input.length));
        requireSame(whole, of(decoder.get(), halves), "cut at " + place);
        requireSame(whole, of(decoder.get(), byteByByte(input)), "byte by byte");
        if (whole.isRefused() && whole.consumed >= 0) {
            byte[] upToIt = Arrays.copyOf(input, whole.consumed);
            requireSame(whole, of(decoder.get(), List.of(upToIt)), "without what is behind it");
            if (whole.consumed == 0
                    || of(decoder.get(), List.of(Arrays.copyOf(upToIt, whole.consumed - 1)))
                            .isRefused()) {
                throw new AssertionError("Refused earlier than at byte " + whole.consumed + ": " + whole);
            }
        }
        return whole;
    }

    private static Outcome of(Run run, List<byte[]> pieces) {
        List<String> steps = new ArrayList<>();
        int consumed = 0;
        boolean open = true;
        for (byte[] piece : pieces) {
            if (open) {
                // The piece lies inside of a larger array, as in a loop's buffer, which is used again for the next one.
                byte[] array = new byte[piece.length + 7];
                Arrays.fill(array, (byte) 'Z');
                System.arraycopy(piece, 0, array, 3, piece.length);
                ByteBuffer in =
                        ByteBuffer.wrap(array, 1, piece.length + 2).slice().position(2);
                open = run.feed(in, steps);
                consumed += in.position() - 2;
                Arrays.fill(array, (byte) 'Y');
                if (open && in.hasRemaining()) {
                    throw new AssertionError("More input is wanted with " + in.remaining() + " bytes left");
                }
            }
        }
        run.end(steps);
        return new Outcome(steps, run.consumed(consumed));
    }

    private static List<byte[]> byteByByte(byte[] input) {
        List<byte[]> pieces = new ArrayList<>(input.length);
        for (byte b : input) {
            pieces.add(new byte[] {b});
        }
        return pieces;
    }

    private static void requireSame(Outcome whole, Outcome other, String how) {
        if (!whole.equals(other)) {
            throw new AssertionError("Whole it is " + whole + "; " + how + " it is " + other);
        }
    }
}
