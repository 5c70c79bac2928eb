package org.httpkit.web;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of a form into its parts (RFC 2046 section 5.1, RFC 7578). Pure; confined to one thread.
 *
 * <p>However the bytes are split, the steps stay the same, except that data may come in other pieces. The parser is
 * strict where parsers differ: nothing may stand before the first part or behind the last, and a line that begins with
 * the boundary is a delimiter or a mistake.
 */
final class MultipartParser {
    enum Step {
        NEED_INPUT,
        /** A part has begun; {@link #part} is its head. */
        PART,
        /** Some of the part's bytes are in {@link #data}. */
        DATA,
        PART_END
    }

    private enum State {
        START,
        BEHIND_DELIMITER,
        PADDING,
        LINE_FEED,
        HEADER,
        DATA,
        LAST_HYPHEN,
        EPILOGUE
    }

    /** Limits of a form's size; see {@link Multipart}. */
    record Limits(int maxParts, int maxHeaderBytes, long maxPartBytes, long maxTotalBytes) {}

    private static final int MAX_PADDING = 256;
    private static final int MAX_BOUNDARY = 70;
    private static final String BOUNDARY_MARKS = "'()+_,-./:=? ";

    /** Line end, two hyphens, boundary. */
    private final byte[] delimiter;

    private final Limits limits;

    private State state = State.START;
    /** How many bytes of the delimiter have come; at first its line end counts as come. */
    private int matched = 2;
    /** The first of these bytes that has really come, and is data if they turn out to be no delimiter. */
    private int matchedFrom = 2;

    private boolean sawLineEnd;
    private int padding;
    private byte[] header = new byte[512];
    private int headerBytes;
    private @Nullable PartHead part;
    private ByteBuffer data = ByteBuffer.allocate(0);
    private int parts;
    private long partBytes;
    private long totalBytes;

    /**
     * Makes one for a form.
     *
     * @param contentType the value of the request's field; null if there is none
     */
    static MultipartParser of(@Nullable String contentType, Limits limits) throws MultipartException {
        FieldParameters type = contentType == null ? null : FieldParameters.of(contentType);
        if (type == null || !type.value().equals("multipart/form-data")) {
            throw new MultipartException(MultipartViolation.NOT_MULTIPART);
        }
        String boundary = type.parameters().get("boundary");
        if (boundary == null
                || boundary.isEmpty()
                || boundary.length() > MAX_BOUNDARY
                || boundary.endsWith(" ")
                || !boundary.chars().allMatch(MultipartParser::isOfBoundary)) {
            throw new MultipartException(MultipartViolation.INVALID_BOUNDARY);
        }
        return new MultipartParser(boundary, limits);
    }

    private MultipartParser(String boundary, Limits limits) {
        this.delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.US_ASCII);
        this.limits = limits;
    }

    private static boolean isOfBoundary(int c) {
        return (c >= '0' && c <= '9')
                || (c >= 'A' && c <= 'Z')
                || (c >= 'a' && c <= 'z')
                || BOUNDARY_MARKS.indexOf(c) >= 0
                || FieldParameters.isToken((char) c); // beyond the RFC, but unambiguous, and some clients send it
    }

    /** Consumes input up to the next step. */
    Step advance(ByteBuffer in) throws MultipartException {
        int limit = in.limit();
        long left = limits.maxTotalBytes - totalBytes;
        boolean isTooLong = in.remaining() > left;
        int start = in.position();
        if (isTooLong) {
            in.limit(start + (int) left);
        }
        try {
            Step step = step(in);
            if (step == Step.NEED_INPUT && isTooLong) {
                throw new MultipartException(MultipartViolation.FORM_TOO_LARGE);
            }
            return step;
        } finally {
            in.limit(limit);
            totalBytes += in.position() - start;
        }
    }

    /** Ends the input, which must be complete. */
    void end() throws MultipartException {
        if (state != State.EPILOGUE) {
            throw new MultipartException(MultipartViolation.TRUNCATED);
        }
    }

    /** The head of the part that began last. */
    PartHead part() {
        if (part == null) {
            throw new IllegalStateException("No part has begun");
        }
        return part;
    }

    /** Valid until the next call of {@link #advance}. */
    ByteBuffer data() {
        return data;
    }

    private Step step(ByteBuffer in) throws MultipartException {
        while (in.hasRemaining()) {
            Step step =
                    switch (state) {
                        case START -> start(in.get());
                        case BEHIND_DELIMITER, PADDING, LINE_FEED, LAST_HYPHEN -> delimiterEnd(in.get());
                        case HEADER -> header(in.get());
                        case DATA -> matched == 0 ? plainData(in) : delimiter(in);
                        case EPILOGUE -> epilogue(in.get());
                    };
            if (step != Step.NEED_INPUT) {
                return step;
            }
        }
        return Step.NEED_INPUT;
    }

    private Step start(byte b) throws MultipartException {
        if (b == delimiter[matched]) {
            if (++matched == delimiter.length) {
                state = State.BEHIND_DELIMITER;
            }
        } else if (b == '\r' && matched == 2 && !sawLineEnd) {
            sawLineEnd = true; // the delimiter's line end, with nothing before it
            matched = 1;
        } else {
            throw new MultipartException(MultipartViolation.PREAMBLE);
        }
        return Step.NEED_INPUT;
    }

    private Step delimiterEnd(byte b) throws MultipartException {
        if (state == State.LAST_HYPHEN && b == '-') {
            state = State.EPILOGUE;
        } else if (state == State.BEHIND_DELIMITER && b == '-') {
            state = State.LAST_HYPHEN;
        } else if (state == State.LINE_FEED && b == '\n') {
            beginHeader();
        } else if ((state == State.BEHIND_DELIMITER || state == State.PADDING) && b == '\r') {
            state = State.LINE_FEED;
        } else if ((state == State.BEHIND_DELIMITER || state == State.PADDING)
                && (b == ' ' || b == '\t')
                && ++padding <= MAX_PADDING) {
            state = State.PADDING;
        } else {
            throw new MultipartException(MultipartViolation.INVALID_DELIMITER);
        }
        return Step.NEED_INPUT;
    }

    private void beginHeader() throws MultipartException {
        if (++parts > limits.maxParts) {
            throw new MultipartException(MultipartViolation.TOO_MANY_PARTS);
        }
        state = State.HEADER;
        padding = 0;
        headerBytes = 0;
    }

    private Step header(byte b) throws MultipartException {
        if (headerBytes == limits.maxHeaderBytes) {
            throw new MultipartException(MultipartViolation.HEADER_TOO_LARGE);
        }
        if (headerBytes == header.length) {
            header = Arrays.copyOf(header, Math.min(limits.maxHeaderBytes, header.length * 2));
        }
        header[headerBytes++] = b;
        if (b != '\n' || !isHeaderWhole()) {
            return Step.NEED_INPUT;
        }
        part = PartHead.of(header, headerBytes);
        state = State.DATA;
        partBytes = 0;
        matched = 2; // the empty line may belong to the delimiter: a part without a body
        matchedFrom = 2;
        return Step.PART;
    }

    private boolean isHeaderWhole() {
        boolean endsLine = headerBytes >= 2 && header[headerBytes - 2] == '\r';
        return endsLine
                && (headerBytes == 2
                        || (headerBytes >= 4 && header[headerBytes - 3] == '\n' && header[headerBytes - 4] == '\r'));
    }

    private Step plainData(ByteBuffer in) throws MultipartException {
        byte[] bytes = in.array();
        int from = in.arrayOffset() + in.position();
        int to = in.arrayOffset() + in.limit();
        int at = from;
        while (at < to && bytes[at] != '\r') {
            at++;
        }
        if (at > from) {
            int count = allowed(at - from);
            data = ByteBuffer.wrap(bytes, from, count);
            in.position(in.position() + count);
            return Step.DATA;
        }
        in.get();
        matched = 1;
        matchedFrom = 0;
        return Step.NEED_INPUT;
    }

    private Step delimiter(ByteBuffer in) throws MultipartException {
        if (in.get(in.position()) == delimiter[matched]) {
            in.get();
            if (++matched < delimiter.length) {
                return Step.NEED_INPUT;
            }
            state = State.BEHIND_DELIMITER;
            return Step.PART_END;
        }
        // A CR only stands where the delimiter begins: all matched bytes are data.
        int count = matched == matchedFrom ? 0 : allowed(matched - matchedFrom);
        data = ByteBuffer.wrap(delimiter, matchedFrom, count);
        matchedFrom += count;
        if (matchedFrom == matched) {
            matched = 0;
            matchedFrom = 0;
        }
        return count == 0 ? Step.NEED_INPUT : Step.DATA;
    }

    /** How many of these bytes the part may still take. */
    private int allowed(int count) throws MultipartException {
        int allowed = (int) Math.min(count, limits.maxPartBytes - partBytes);
        if (allowed == 0) {
            throw new MultipartException(MultipartViolation.PART_TOO_LARGE);
        }
        partBytes += allowed;
        return allowed;
    }

    private static Step epilogue(byte b) throws MultipartException {
        if (b != '\r' && b != '\n' && b != ' ' && b != '\t') {
            throw new MultipartException(MultipartViolation.EPILOGUE);
        }
        return Step.NEED_INPUT;
    }
}
