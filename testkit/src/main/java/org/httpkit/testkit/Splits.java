package org.httpkit.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** The ways in which a network may cut bytes into pieces. Stateless. */
public final class Splits {

    private Splits() {}

    /** Byte by byte. */
    public static List<byte[]> byteByByte(byte[] bytes) {
        List<byte[]> pieces = new ArrayList<>(bytes.length);
        for (byte b : bytes) {
            pieces.add(new byte[] {b});
        }
        return pieces;
    }

    /** In two, before the byte at this index: from 1 to the last index. */
    public static List<byte[]> inTwo(byte[] bytes, int index) {
        if (index < 1 || index >= bytes.length) {
            throw new IllegalArgumentException("index is " + index + "; it must be from 1 to " + (bytes.length - 1));
        }
        return List.of(Arrays.copyOf(bytes, index), Arrays.copyOfRange(bytes, index, bytes.length));
    }

    /** In two, at each possible place. */
    public static List<List<byte[]>> everyInTwo(byte[] bytes) {
        List<List<byte[]>> splits = new ArrayList<>();
        for (int index = 1; index < bytes.length; index++) {
            splits.add(inTwo(bytes, index));
        }
        return splits;
    }

    /** At places that the seed chooses: equal seeds cut at equal places. */
    public static List<byte[]> atRandom(byte[] bytes, long seed) {
        Random random = new Random(seed);
        int longest = 1 + random.nextInt(Math.max(1, bytes.length));
        List<byte[]> pieces = new ArrayList<>();
        for (int start = 0; start < bytes.length; ) {
            int end = Math.min(bytes.length, start + 1 + random.nextInt(longest));
            pieces.add(Arrays.copyOfRange(bytes, start, end));
            start = end;
        }
        return pieces;
    }
}
