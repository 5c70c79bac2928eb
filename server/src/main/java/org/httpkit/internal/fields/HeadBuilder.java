package org.httpkit.internal.fields;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.httpkit.http.Headers;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.httpkit.internal.bytes.Ascii;
import org.httpkit.internal.bytes.ByteQueue;

/**
 * Builds the heads and trailers of HTTP/2, which do not arrive as lines of text, in the format of HTTP/1.1: the text
 * that HTTP/1.1 would have, and the offsets of its parts. Checks the rules that both versions share. Reusable for one
 * head after another; confined to its loop.
 */
public final class HeadBuilder {
    private static final int USUAL_FIELDS = 24;
    private static final int USUAL_BYTES = 1024;
    private static final int LARGEST_KEPT_BYTES = 16 * 1024;
    private static final byte[] VERSION = (" " + HttpVersion.HTTP_2).getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONNECTION = "connection".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] UPGRADE = "upgrade".getBytes(StandardCharsets.US_ASCII);

    private final RequestLine line = new RequestLine();
    private final HeaderRules rules = new HeaderRules();
    private ByteQueue text = new ByteQueue(USUAL_BYTES);
    private int[] offsets = new int[4 * USUAL_FIELDS];
    private int count;

    public HeadBuilder() {}

    /** Returns the method in the range, which must be a token. */
    public static Method methodOf(byte[] bytes, int from, int to) {
        return RequestLine.methodOf(bytes, from, to);
    }

    /** Begins a head with its method and target: a path, {@code *}, or the authority of a CONNECT. */
    public void start(Method method, byte[] bytes, int from, int to) throws ViolationException {
        clear();
        rules.start(HttpVersion.HTTP_2);
        line.method = method;
        line.version = HttpVersion.HTTP_2;
        text.appendLatin1(method.name());
        text.append(Ascii.SP);
        int target = text.length();
        text.append(bytes, from, to - from);
        int targetEnd = text.length();
        text.append(VERSION);
        line.target.read(text.array(), 0, target, targetEnd, kinds(text.array(), target, targetEnd), method);
    }

    /** Begins a trailer section. */
    public void startTrailers() {
        clear();
    }

    /** Discards the head, and its array if that has grown large. */
    public void clear() {
        if (text.capacity() > LARGEST_KEPT_BYTES) {
            text = new ByteQueue(USUAL_BYTES);
        }
        text.clear();
        count = 0;
    }

    /** Size of its arrays, in bytes. */
    public int heldBytes() {
        return text.capacity() + Integer.BYTES * offsets.length;
    }

    private static int kinds(byte[] bytes, int from, int to) throws ViolationException {
        int kinds = 0;
        for (int i = from; i < to; i++) {
            int kind = UriCharacters.kindsOf(bytes[i]);
            if (kind == 0) {
                throw Violation.INVALID_TARGET.exception();
            }
            kinds |= kind;
        }
        return kinds;
    }

    /** Adds a field of the head, whose name is a token and whose value has no control characters. */
    public void field(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd)
            throws ViolationException {
        append(bytes, nameStart, nameEnd, bytes, valueStart, valueEnd);
        judgeLast();
    }

    /** Adds a field whose name and value are in different arrays. */
    public void field(byte[] name, byte[] value, int valueStart, int valueEnd) throws ViolationException {
        append(name, 0, name.length, value, valueStart, valueEnd);
        judgeLast();
    }

    /**
     * Makes an extended CONNECT (RFC 8441 section 4) look to handlers like the HTTP/1.1 upgrade that it replaces: a GET
     * with Connection and Upgrade.
     */
    public void protocol(byte[] bytes, int from, int to) throws ViolationException {
        field(CONNECTION, UPGRADE, 0, UPGRADE.length);
        field(UPGRADE, bytes, from, to);
    }

    private void judgeLast() throws ViolationException {
        int last = 4 * (count - 1);
        rules.keeps(text.array(), 0, offsets[last], offsets[last + 1], offsets[last + 2], offsets[last + 3]);
    }

    /** Adds a trailer field; leaves out a field that is meaningless and harmless in a trailer. */
    public void trailer(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd)
            throws ViolationException {
        if (TrailerRules.INSTANCE.keeps(bytes, 0, nameStart, nameEnd, valueStart, valueEnd)) {
            append(bytes, nameStart, nameEnd, bytes, valueStart, valueEnd);
        }
    }

    private void append(byte[] name, int nameStart, int nameEnd, byte[] value, int valueStart, int valueEnd) {
        if (offsets.length == 4 * count) {
            offsets = Arrays.copyOf(offsets, 2 * offsets.length);
        }
        int nameLength = nameEnd - nameStart;
        int valueLength = valueEnd - valueStart;
        int length = nameLength + valueLength + 4;
        text.ensureFree(length);
        byte[] out = text.array();
        int at = text.length() + 2;
        out[at - 2] = Ascii.CR;
        out[at - 1] = Ascii.LF;
        System.arraycopy(name, nameStart, out, at, nameLength);
        out[at + nameLength] = ':';
        out[at + nameLength + 1] = Ascii.SP;
        System.arraycopy(value, valueStart, out, at + nameLength + 2, valueLength);
        text.appended(length);
        int field = 4 * count++;
        offsets[field] = at;
        offsets[field + 1] = at + nameLength;
        offsets[field + 2] = at + nameLength + 2;
        offsets[field + 3] = at + nameLength + 2 + valueLength;
    }

    /** The length that Content-Length declares; -1 if the field is absent. */
    public long declaredLength() {
        return rules.declaresLength() ? rules.contentLength() : -1;
    }

    /** Returns the head, which must have at least one field. */
    public RequestHead head(boolean bodyFollows) {
        if (bodyFollows && !rules.declaresLength()) {
            rules.expectBodyOfUnknownLength();
        }
        return new RequestHead(text.array(), 0, text.length(), offsets, count, line, rules);
    }

    /** The trailer fields. */
    public Headers trailers() {
        return count == 0 ? Headers.empty() : new PackedFields(text.array(), 0, text.length(), offsets, count);
    }
}
