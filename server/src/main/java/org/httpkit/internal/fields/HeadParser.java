package org.httpkit.internal.fields;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.httpkit.http.Headers;
import org.httpkit.http.Method;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request head or a trailer section. If the input holds the whole section, it reads in place; else it copies
 * the incomplete section into an array and continues there. Confined to its loop thread.
 */
public final class HeadParser {
    private enum Section {
        REQUEST_LINE,
        HEADER,
        TRAILERS
    }

    /** How much input to copy at once while a section is incomplete; little, because a body may follow. */
    private static final int COPY_STEP_BYTES = 1024;

    private static final int SMALLEST_COPY_BYTES = 256;

    private static final byte[] CONCLUSION = {'\r', '\n', '\r', '\n'};
    private static final HeadLimits WIDEST = new HeadLimits(1 << 28, 1 << 28, 1 << 28);

    private final RequestLine requestLine = new RequestLine();
    private final FieldLines fields = new FieldLines();
    private final HeaderRules headerRules = new HeaderRules();
    private HeadLimits limits = HeadLimits.DEFAULT;
    private Section section = Section.REQUEST_LINE;

    /** The section so far, from index 0; null while the section is in the input. */
    private byte @Nullable [] copy;

    private int copyLength;

    public void startRequest(HeadLimits limits) {
        this.limits = limits;
        section = Section.REQUEST_LINE;
        requestLine.start(limits.maxLineBytes());
        copy = null;
    }

    public void startTrailers(HeadLimits limits) {
        section = Section.TRAILERS;
        fields.start(0, limits);
        copy = null;
    }

    /** Consumes input up to the end of a request head. Returns null if the input ends before. */
    @Nullable
    public RequestHead parseRequest(ByteBuffer in) throws ViolationException {
        int before = in.arrayOffset() + in.position();
        if (!parse(in)) {
            return null;
        }
        byte[] source = copy != null ? copy : in.array();
        int base = copy != null ? 0 : before;
        int textLength = fields.position() - conclusionBytes(fields.count());
        return new RequestHead(source, base, textLength, fields.offsets(), fields.count(), requestLine, headerRules);
    }

    /**
     * The length of the line ends that conclude a head. Heads are stored without them: the last line's end, if there
     * are fields, and the empty line.
     */
    private static int conclusionBytes(int fields) {
        return fields == 0 ? 2 : 4;
    }

    /** The bytes of a head that was read, with the line ends that conclude it. */
    static byte[] textOf(RequestHead head) {
        int conclusion = conclusionBytes(head.size());
        byte[] text = Arrays.copyOf(head.bytes, head.textLength + conclusion);
        System.arraycopy(CONCLUSION, 0, text, head.textLength, conclusion);
        return text;
    }

    /** Reads a whole head that was read before or that a {@link HeadBuilder} wrote. */
    static RequestHead parse(byte[] text) {
        HeadParser parser = new HeadParser();
        parser.startRequest(WIDEST);
        parser.requestLine.acceptHttp2();
        try {
            return Objects.requireNonNull(parser.parseRequest(ByteBuffer.wrap(text)));
        } catch (ViolationException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Consumes input up to the end of a trailer section. Returns null if the input ends before. */
    @Nullable
    public Headers parseTrailers(ByteBuffer in) throws ViolationException {
        int before = in.arrayOffset() + in.position();
        if (!parse(in)) {
            return null;
        }
        if (fields.count() == 0) {
            return Headers.empty();
        }
        byte[] source = copy != null ? copy : in.array();
        int base = copy != null ? 0 : before;
        return new PackedFields(source, base, fields.position(), fields.offsets(), fields.count());
    }

    /** Whether the method was read and is HEAD. */
    public boolean isHeadRequest() {
        return requestLine.method.equals(Method.HEAD);
    }

    /** Size of the array that holds the copy, in bytes. */
    public int heldBytes() {
        return copy == null ? 0 : copy.length;
    }

    /** Drops the remains of a section. */
    public void clear() {
        copy = null;
    }

    private boolean parse(ByteBuffer in) throws ViolationException {
        return copy == null ? parseInPlace(in) : parseCopied(in);
    }

    private boolean parseInPlace(ByteBuffer in) throws ViolationException {
        byte[] array = in.array();
        int start = in.position();
        int base = in.arrayOffset() + start;
        int end = in.arrayOffset() + in.limit();
        boolean whole;
        try {
            whole = parse(array, base, end);
        } finally {
            in.position(start + position());
        }
        if (!whole) {
            copyLength = end - base;
            copy = new byte[Math.max(SMALLEST_COPY_BYTES, 2 * copyLength)];
            System.arraycopy(array, base, copy, 0, copyLength);
        }
        return whole;
    }

    private boolean parseCopied(ByteBuffer in) throws ViolationException {
        while (in.hasRemaining()) {
            byte[] bytes = append(in);
            boolean whole;
            try {
                whole = parse(bytes, 0, copyLength);
            } finally {
                // Hand back the bytes behind the section.
                in.position(in.position() - (copyLength - position()));
            }
            if (whole) {
                return true;
            }
        }
        return false;
    }

    private byte[] append(ByteBuffer in) {
        byte[] bytes = Objects.requireNonNull(copy);
        int length = Math.min(in.remaining(), COPY_STEP_BYTES);
        if (bytes.length - copyLength < length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, copyLength + length));
            copy = bytes;
        }
        in.get(bytes, copyLength, length);
        copyLength += length;
        return bytes;
    }

    private int position() {
        return section == Section.REQUEST_LINE ? requestLine.position() : fields.position();
    }

    private boolean parse(byte[] bytes, int base, int end) throws ViolationException {
        if (section == Section.REQUEST_LINE) {
            if (!requestLine.parse(bytes, base, end)) {
                return false;
            }
            fields.start(requestLine.position(), limits);
            headerRules.start(requestLine.version);
            section = Section.HEADER;
        }
        if (section == Section.TRAILERS) {
            return fields.parse(bytes, base, end, TrailerRules.INSTANCE);
        }
        if (!fields.parse(bytes, base, end, headerRules)) {
            return false;
        }
        headerRules.judgeWhole();
        return true;
    }
}
