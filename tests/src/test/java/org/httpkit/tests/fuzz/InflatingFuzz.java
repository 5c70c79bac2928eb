package org.httpkit.tests.fuzz;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.httpkit.internal.coding.Inflating;

/** Coded content: it is decoded to the same bytes, or refused behind the same bytes, however it is cut. */
public final class InflatingFuzz {
    private static final int MOST_BYTES = 1 << 20;

    private InflatingFuzz() {}

    /** One byte for the format, the rest is coded. */
    public static void fuzzerTestOneInput(byte[] data) {
        Choices choices = new Choices(data);
        Inflating.Format format = choices.yes() ? Inflating.Format.GZIP : Inflating.Format.ZLIB;
        byte[] coded = choices.rest();
        String whole = decoded(coded, format, coded.length + 1);
        for (int most : new int[] {1, 3}) {
            String cut = decoded(coded, format, most);
            if (!cut.equals(whole)) {
                throw new AssertionError("In pieces of " + most + ": " + cut + ", not " + whole);
            }
        }
    }

    private static String decoded(byte[] coded, Inflating.Format format, int most) {
        InputStream cut = new ByteArrayInputStream(coded) {
            @Override
            public synchronized int read(byte[] target, int offset, int count) {
                return super.read(target, offset, Math.min(count, most));
            }
        };
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        String end;
        try (InputStream decoding = new Inflating(cut, format)) {
            byte[] piece = new byte[64];
            int count = decoding.read(piece, 0, piece.length);
            while (count >= 0 && content.size() < MOST_BYTES) {
                content.write(piece, 0, count);
                count = decoding.read(piece, 0, piece.length);
            }
            end = "complete";
        } catch (IOException e) {
            end = String.valueOf(e.getMessage());
        }
        byte[] bytes = content.toByteArray();
        return end.equals("complete") ? bytes.length + " bytes, " + Arrays.hashCode(bytes) : end;
    }
}
