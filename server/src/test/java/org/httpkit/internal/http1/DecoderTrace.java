package org.httpkit.internal.http1;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.internal.fields.HeadLimits;
import org.httpkit.internal.fields.ViolationException;

/** What a decoder makes of bytes, as lines of text: the parts of a body that follow each other are one line. */
final class DecoderTrace {
    private final List<String> events = new ArrayList<>();
    private final StringBuilder body = new StringBuilder();
    private final RequestDecoder decoder;
    private int consumed;
    private boolean failed;

    private DecoderTrace(HeadLimits limits) {
        decoder = new RequestDecoder(limits, new DecoderPool());
    }

    /** Decodes the pieces, each in a separate buffer that begins somewhere inside its array. */
    static DecoderTrace of(List<byte[]> pieces, HeadLimits limits) {
        DecoderTrace trace = new DecoderTrace(limits);
        for (byte[] piece : pieces) {
            if (!trace.failed) {
                trace.feed(piece);
            }
        }
        if (!trace.failed && !trace.decoder.isIdle()) {
            trace.add("incomplete");
        }
        return trace;
    }

    List<String> events() {
        return events;
    }

    /** How many bytes were consumed in all. */
    int consumed() {
        return consumed;
    }

    private void feed(byte[] piece) {
        byte[] array = new byte[piece.length + 5];
        System.arraycopy(piece, 0, array, 3, piece.length);
        ByteBuffer whole = ByteBuffer.wrap(array);
        ByteBuffer in = whole.position(1).slice().position(2).limit(2 + piece.length);
        try {
            RequestDecoder.Step step;
            do {
                step = decoder.advance(in);
                switch (step) {
                    case NEED_INPUT -> {
                        if (in.hasRemaining()) {
                            throw new AssertionError("Input is left, " + in.remaining() + " bytes");
                        }
                    }
                    case HEAD ->
                        add("head " + decoder.head().method() + " "
                                + decoder.head().target());
                    case BODY -> addBody();
                    case END -> {
                        addTrailers(decoder.trailers());
                        add("end");
                    }
                }
            } while (step != RequestDecoder.Step.NEED_INPUT);
        } catch (ViolationException e) {
            add("violation " + e.violation() + " " + e.violation().status().code());
            failed = true;
        }
        consumed += in.position() - 2;
    }

    private void addBody() {
        if (decoder.bodyLength() == 0) {
            throw new AssertionError("An empty part of a body");
        }
        body.append(new String(
                decoder.bodyArray(), decoder.bodyOffset(), decoder.bodyLength(), StandardCharsets.ISO_8859_1));
        if (decoder.bodyBytes() > decoder.announcedBodyBytes()) {
            throw new AssertionError("More body than announced");
        }
    }

    private void addTrailers(Headers trailers) {
        for (int i = 0; i < trailers.size(); i++) {
            add("trailer " + trailers.name(i) + ": " + trailers.value(i));
        }
    }

    private void add(String event) {
        if (!body.isEmpty()) {
            events.add("body " + body.toString().replace("\r", "\\r").replace("\n", "\\n"));
            body.setLength(0);
        }
        events.add(event);
    }
}
