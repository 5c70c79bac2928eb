package org.httpkit.internal.proxy;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.internal.proxy.ProxyDecoder.Mode;
import org.httpkit.internal.proxy.ProxyDecoder.Step;
import org.jspecify.annotations.Nullable;

/** What a decoder makes of bytes, as lines of text. */
final class ProxyTrace {
    private static final int SHOWN_BYTES = 40;

    private final List<String> events = new ArrayList<>();
    private final StringBuilder behind = new StringBuilder();
    private final ProxyDecoder decoder;
    private @Nullable String behindName;
    private int consumed;
    private boolean failed;

    private ProxyTrace(Mode mode, int maxBinaryBytes) {
        decoder = new ProxyDecoder(mode, maxBinaryBytes);
    }

    /** Decodes the pieces, each in a separate buffer that begins somewhere inside its array. */
    static ProxyTrace of(List<byte[]> pieces, Mode mode, int maxBinaryBytes) {
        ProxyTrace trace = new ProxyTrace(mode, maxBinaryBytes);
        for (byte[] piece : pieces) {
            trace.feed(piece);
        }
        trace.end();
        return trace;
    }

    List<String> events() {
        return events;
    }

    /** How many bytes were consumed for good. */
    int consumed() {
        return consumed;
    }

    private void feed(byte[] piece) {
        if (failed) {
            return;
        }
        byte[] array = new byte[piece.length + 5];
        System.arraycopy(piece, 0, array, 3, piece.length);
        ByteBuffer whole = ByteBuffer.wrap(array);
        ByteBuffer in = whole.position(1).slice().position(2).limit(2 + piece.length);
        if (behindName == null) {
            advance(in);
        }
        if (behindName != null) {
            addBehind(in);
        }
    }

    private void advance(ByteBuffer in) {
        int start = in.position();
        try {
            switch (decoder.advance(in)) {
                case NEED_INPUT -> {
                    if (in.hasRemaining()) {
                        throw new AssertionError("Input is left, " + in.remaining() + " bytes");
                    }
                    consumed += in.position() - start;
                }
                case HEADER -> {
                    consumed += in.position() - start;
                    behindName = "rest";
                    add(decoder.header());
                }
                case NO_HEADER -> {
                    if (in.position() != start || decoder.replay().remaining() != consumed || consumed > 11) {
                        throw new AssertionError(Step.NO_HEADER + " after " + consumed + " bytes");
                    }
                    consumed = 0;
                    behindName = "http";
                    addBehind(decoder.replay());
                }
            }
        } catch (ProxyViolationException e) {
            consumed += in.position() - start;
            events.add("violation " + e.violation());
            failed = true;
        }
    }

    private void end() {
        if (behindName != null) {
            if (!behind.isEmpty()) {
                events.add(behindName + " " + behind);
            }
        } else if (!failed && decoder.endsWithoutHeader() && consumed > 0) {
            ByteBuffer replay = decoder.replay();
            consumed -= replay.remaining();
            addBehind(replay);
            events.add("undecided " + behind);
        } else if (!failed && consumed > 0) {
            events.add("incomplete");
        }
    }

    private void add(ProxyHeader header) {
        events.add("header " + header.version() + " " + header.command() + " " + header.family() + " "
                + text(header.source()) + " " + text(header.destination()));
        for (Tlv tlv : header.tlvs()) {
            String value = tlv.length() > 20 ? tlv.length() + " bytes" : tlv.text();
            events.add(String.format("tlv 0x%02x %s", tlv.type(), value));
        }
        if (header.isTls()) {
            events.add("tls " + header.tlsVersion() + " " + header.tlsCommonName()
                    + (header.isVerified() ? " verified" : ""));
        }
    }

    private static String text(@Nullable SocketAddress address) {
        return address == null ? "-" : address.toString();
    }

    private void addBehind(ByteBuffer in) {
        while (in.hasRemaining()) {
            behind.append(printable(in.get()));
        }
    }

    static String printable(byte[] input) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(input.length, SHOWN_BYTES); i++) {
            text.append(printable(input[i]));
        }
        return text.toString();
    }

    private static String printable(byte b) {
        return switch (b) {
            case '\r' -> "\\r";
            case '\n' -> "\\n";
            case '\t' -> "\\t";
            default ->
                b >= ' ' && b < 127
                        ? new String(new byte[] {b}, StandardCharsets.US_ASCII)
                        : String.format("\\x%02x", b & 0xFF);
        };
    }
}
