package org.httpkit.bench;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.IntFunction;
import org.httpkit.testkit.RawHttp2;
import org.jspecify.annotations.Nullable;

/** What an HTTP/2 client sends to busy a server for free (RFC 9113 section 10.5). */
enum StreamAttack {
    RAPID_RESET("streams opened and reset", null, fromStreams(id -> concat(get(id, "/later"), reset(id)))),
    MADE_RESETS(
            "streams that the server has to reset",
            null,
            fromStreams(id -> concat(get(id, "/later"), frame(RawHttp2.WINDOW_UPDATE, 0, id, RawHttp2.word(0))))),
    MALFORMED(
            "malformed requests",
            null,
            fromStreams(id -> headers(id, RawHttp2.END_STREAM, RawHttp2.request("GET", "/", "Upper", "x")))),
    SMUGGLING(
            "requests with transfer-encoding",
            null,
            fromStreams(id ->
                    headers(id, RawHttp2.END_STREAM, RawHttp2.request("GET", "/", "transfer-encoding", "chunked")))),
    EMPTY_CONTINUATIONS("CONTINUATION without content", begunBlock(), again(frame(RawHttp2.CONTINUATION, 0, 1), 1000)),
    CONTINUATIONS(
            "CONTINUATION of 16 KiB", begunBlock(), again(frame(RawHttp2.CONTINUATION, 0, 1, filled(16_384, 0x82)), 4)),
    REFERENCES(
            "12,000 references to a large field",
            headers(1, RawHttp2.END_STREAM, largeField()),
            n -> headers(2 * n + 3, RawHttp2.END_STREAM, concat(requestLine(), filled(12_000, 0xbe)))),
    CRUMBS(
            "5000 crumbs of a cookie",
            null,
            n -> concat(
                    frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, 2 * n + 1, requestLine()),
                    frame(RawHttp2.CONTINUATION, 0, 2 * n + 1, crumbs(2500)),
                    frame(RawHttp2.CONTINUATION, RawHttp2.END_HEADERS, 2 * n + 1, crumbs(2500)))),
    BROKEN_COMPRESSION("connections with a broken field block", headers(1, RawHttp2.END_STREAM, filled(8, 0xff)), null),
    PINGS("PING", null, again(frame(RawHttp2.PING, 0, 0, new byte[8]), 1000)),
    SETTINGS("SETTINGS", null, again(frame(RawHttp2.SETTINGS, 0, 0), 1000)),
    ACKNOWLEDGEMENTS("SETTINGS with ACK", null, again(frame(RawHttp2.SETTINGS, RawHttp2.ACK, 0), 1000)),
    PRIORITIES("PRIORITY", null, again(frame(RawHttp2.PRIORITY, 0, 99, new byte[5]), 1000)),
    PRIORITY_UPDATES(
            "PRIORITY_UPDATE",
            null,
            again(frame(RawHttp2.PRIORITY_UPDATE, 0, 0, concat(RawHttp2.word(99), new byte[] {'u'})), 1000)),
    WINDOW_UPDATES("WINDOW_UPDATE", null, again(frame(RawHttp2.WINDOW_UPDATE, 0, 0, RawHttp2.word(1)), 1000)),
    UNKNOWN("frames of an unknown type", null, again(frame(77, 0, 0, new byte[3]), 1000)),
    EMPTY_DATA("DATA without content", post(1), again(frame(RawHttp2.DATA, 0, 1), 1000)),
    PADDING("DATA of padding alone", post(1), again(frame(RawHttp2.DATA, 8, 1, new byte[] {3, 0, 0, 0}), 1000)),
    WINDOW_CHANGES(
            "changes of 100 windows at once",
            streams(0, id -> get(id, "/later")),
            again(concat(window(256), window(512)), 200)),
    BYTE_BY_BYTE(
            "windows of one byte",
            concat(window(1), get(1, "/large")),
            again(frame(RawHttp2.WINDOW_UPDATE, 0, 1, RawHttp2.word(1)), 1000)),
    UNREAD("100 MiB of answers that nobody reads", concat(window(0), streams(0, id -> get(id, "/large"))), null),
    HALF_OPEN("100 bodies that do not come", streams(0, StreamAttack::post), null);

    private static final int STREAMS = 100;

    /** What it does, for a table. */
    final String description;
    /** What follows the preface. */
    final byte[] opening;

    /** What follows again and again, by how often it has been sent; null if the client only waits. */
    final @Nullable IntFunction<byte[]> part;

    StreamAttack(String description, byte @Nullable [] opening, @Nullable IntFunction<byte[]> part) {
        this.description = description;
        this.opening = concat(
                RawHttp2.PREFACE.getBytes(StandardCharsets.US_ASCII),
                frame(RawHttp2.SETTINGS, 0, 0),
                opening == null ? new byte[0] : opening);
        this.part = part;
    }

    // ---- bytes

    /** Makes the same for a hundred streams each time. */
    private static IntFunction<byte[]> fromStreams(IntFunction<byte[]> each) {
        return n -> streams(n, each);
    }

    private static byte[] streams(int n, IntFunction<byte[]> each) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < STREAMS; i++) {
            out.writeBytes(each.apply(2 * (n * STREAMS + i) + 1));
        }
        return out.toByteArray();
    }

    private static IntFunction<byte[]> again(byte[] unit, int times) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            out.writeBytes(unit);
        }
        byte[] all = out.toByteArray();
        return n -> all;
    }

    private static byte[] get(int id, String path) {
        return headers(id, RawHttp2.END_STREAM, RawHttp2.request("GET", path));
    }

    private static byte[] post(int id) {
        return headers(id, 0, RawHttp2.request("POST", "/body"));
    }

    private static byte[] reset(int id) {
        return frame(RawHttp2.RST_STREAM, 0, id, RawHttp2.word(8));
    }

    /** Sets the initial window of streams. */
    private static byte[] window(int bytes) {
        return frame(RawHttp2.SETTINGS, 0, 0, concat(new byte[] {0, 4}, RawHttp2.word(bytes)));
    }

    private static byte[] begunBlock() {
        return frame(RawHttp2.HEADERS, 0, 1, requestLine());
    }

    private static byte[] requestLine() {
        return RawHttp2.request("GET", "/");
    }

    /** A request with a field of 4000 bytes that enters the table (RFC 7541 section 6.2.1). */
    private static byte[] largeField() {
        return concat(requestLine(), new byte[] {0x40, 1, 'x', 127, (byte) 0xa1, 0x1e}, filled(4000, 'v'));
    }

    /** Cookie fields of one byte, literal and not indexed (RFC 7541 section 6.2.2). */
    private static byte[] crumbs(int count) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            out.writeBytes(new byte[] {0x0f, 0x11, 1, 'c'});
        }
        return out.toByteArray();
    }

    private static byte[] headers(int id, int flags, byte[] block) {
        return frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS | flags, id, block);
    }

    private static byte[] frame(int type, int flags, int id, byte... payload) {
        return RawHttp2.frame(type, flags, id, payload);
    }

    private static byte[] filled(int bytes, int value) {
        byte[] filled = new byte[bytes];
        Arrays.fill(filled, (byte) value);
        return filled;
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
