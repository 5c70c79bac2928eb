package org.httpkit.testkit.simulation;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The client's side of permessage-deflate (RFC 7692), where neither side keeps its context. */
final class Deflation {
    private static final List<String> OFFERS = List.of(
            "permessage-deflate",
            "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
            "permessage-deflate; server_max_window_bits=9",
            "permessage-deflate; client_max_window_bits, permessage-deflate");

    private static final byte[] TAIL = {0x00, 0x00, (byte) 0xFF, (byte) 0xFF};

    private Deflation() {}

    static String offer(SplittableRandom random) {
        return "Sec-WebSocket-Extensions: " + OFFERS.get(random.nextInt(OFFERS.size()));
    }

    /** A message's payload: mostly flushed, sometimes with a final block within and at the end (section 7.2.3.4). */
    static byte[] deflate(byte[] message, SplittableRandom random) {
        if (random.nextInt(4) > 0) {
            return withoutTail(compressed(message, 0, message.length, random, Deflater.SYNC_FLUSH));
        }
        int cut = random.nextInt(message.length);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(compressed(message, 0, cut, random, Deflater.NO_FLUSH));
        if (random.nextBoolean()) {
            out.writeBytes(withoutTail(compressed(message, cut, message.length, random, Deflater.SYNC_FLUSH)));
        } else {
            out.writeBytes(compressed(message, cut, message.length, random, Deflater.NO_FLUSH));
            out.write(0); // the first byte of an empty block, whose other bytes are left out as after a flush
        }
        return out.toByteArray();
    }

    /** @param flush how it ends: with none it is a whole stream, with a final block */
    private static byte[] compressed(byte[] message, int from, int to, SplittableRandom random, int flush) {
        Deflater deflater = new Deflater(1 + random.nextInt(9), true);
        deflater.setInput(message, from, to - from);
        if (flush == Deflater.NO_FLUSH) {
            deflater.finish();
        }
        byte[] out = new byte[to - from + 64];
        int length = deflater.deflate(out, 0, out.length, flush);
        deflater.end();
        return Arrays.copyOf(out, length);
    }

    private static byte[] withoutTail(byte[] flushed) {
        return Arrays.copyOf(flushed, flushed.length - TAIL.length);
    }

    static byte[] inflate(byte[] payload) {
        int start = payload.length - TAIL.length;
        if (start >= 0 && Arrays.equals(payload, start, payload.length, TAIL, 0, TAIL.length)) {
            throw new AssertionError("The tail of the flush was sent (RFC 7692 section 7.2.1)");
        }
        Inflater inflater = new Inflater(true);
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        byte[] some = new byte[4096];
        try {
            for (byte[] input : new byte[][] {payload, TAIL}) {
                inflater.setInput(input);
                int count = inflater.inflate(some);
                while (count > 0) {
                    message.write(some, 0, count);
                    count = inflater.inflate(some);
                }
            }
        } catch (DataFormatException e) {
            throw new AssertionError("What the server sent cannot be inflated", e);
        } finally {
            inflater.end();
        }
        return message.toByteArray();
    }
}
