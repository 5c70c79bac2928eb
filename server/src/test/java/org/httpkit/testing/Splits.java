package org.httpkit.testing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** The ways in which a network may cut bytes into pieces. Stateless. */
public final class Splits {
    private static final int MOST_CUT_POINTS = Integer.getInteger("httpkit.cuts", 400);
    private static final int RANDOM_SPLITS = Math.min(MOST_CUT_POINTS, 20);

    private Splits() {}

    /**
     * The bytes whole; byte by byte; cut in two at every place, or at places of the seed's choice if there are very many; cut
     * at random places.
     */
    public static List<List<byte[]>> of(byte[] bytes, long seed) {
        Random random = new Random(seed);
        List<List<byte[]>> splits = new ArrayList<>();
        splits.add(List.of(bytes));
        splits.add(byteByByte(bytes));
        boolean everywhere = bytes.length <= MOST_CUT_POINTS;
        for (int i = 1; i < Math.min(bytes.length, MOST_CUT_POINTS); i++) {
            splits.add(cutAt(bytes, everywhere ? i : 1 + random.nextInt(bytes.length - 1)));
        }
        for (int i = 0; i < RANDOM_SPLITS; i++) {
            splits.add(atRandom(bytes, random));
        }
        return splits;
    }

    public static List<byte[]> byteByByte(byte[] bytes) {
        List<byte[]> pieces = new ArrayList<>(bytes.length);
        for (byte b : bytes) {
            pieces.add(new byte[] {b});
        }
        return pieces;
    }

    public static List<byte[]> cutAt(byte[] bytes, int index) {
        return List.of(Arrays.copyOf(bytes, index), Arrays.copyOfRange(bytes, index, bytes.length));
    }

    public static List<byte[]> atRandom(byte[] bytes, Random random) {
        List<byte[]> pieces = new ArrayList<>();
        int longest = 1 + random.nextInt(Math.max(1, Math.min(bytes.length, 64)));
        int start = 0;
        while (start < bytes.length) {
            int end = Math.min(bytes.length, start + 1 + random.nextInt(longest));
            pieces.add(Arrays.copyOfRange(bytes, start, end));
            start = end;
        }
        return pieces;
    }
}
