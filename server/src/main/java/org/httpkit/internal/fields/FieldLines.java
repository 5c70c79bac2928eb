package org.httpkit.internal.fields;

import static org.httpkit.internal.bytes.Ascii.CR;
import static org.httpkit.internal.bytes.Ascii.HTAB;
import static org.httpkit.internal.bytes.Ascii.LF;

import java.util.Arrays;
import org.httpkit.internal.bytes.Ascii;

/**
 * Reads the field lines of a header or trailer section (RFC 9112 section 5) up to the empty line, and stops anywhere
 * between two bytes. Confined to its loop thread.
 *
 * <p>It refuses a misplaced character as soon as it reads it; the rules judge a field's meaning at the end of its line.
 * Offsets count from {@code base}.
 */
final class FieldLines {
    /** The rules that the fields of a section must obey. */
    interface Rules {
        /** Judges a field whose line is complete. Returns false if the field is to be left out. */
        boolean keeps(byte[] bytes, int base, int nameStart, int nameEnd, int valueStart, int valueEnd)
                throws ViolationException;
    }

    private enum State {
        LINE_START,
        NAME,
        WHITESPACE,
        VALUE,
        LINE_FEED,
        FINAL_LINE_FEED
    }

    private static final int USUAL_FIELDS = 24;

    private State state = State.LINE_START;
    private int position;
    private int lineStart;
    private int sectionStart;
    private int count;
    private HeadLimits limits = HeadLimits.DEFAULT;
    /** For each field: where its name starts and ends, where its value starts and ends. */
    private int[] offsets = new int[4 * USUAL_FIELDS];

    void start(int position, HeadLimits limits) {
        this.limits = limits;
        this.position = position;
        sectionStart = position;
        lineStart = position;
        count = 0;
        state = State.LINE_START;
    }

    /** How many bytes were consumed; after a violation, up to and including the offending one. */
    int position() {
        return position;
    }

    int count() {
        return count;
    }

    int[] offsets() {
        return offsets;
    }

    /** Continues to read up to {@code end}; returns whether it reached the empty line. */
    boolean parse(byte[] bytes, int base, int end, Rules rules) throws ViolationException {
        State state = this.state;
        int at = base + position;
        int sectionLimit = base + sectionStart + limits.maxHeaderBytes();
        // From here on only the CRLF of this line may follow.
        int lineLimit = lineLimit(base, sectionLimit);
        int stop = Math.min(end, lineLimit);
        while (true) {
            if (state == State.LINE_START) {
                if (at == end) {
                    return suspend(at - base, state);
                }
                if (at >= sectionLimit) {
                    throw refuse(at - base, Violation.HEADER_TOO_LARGE);
                }
                if (bytes[at] == CR) {
                    at++;
                    state = State.FINAL_LINE_FEED;
                } else {
                    checkLineStart(bytes[at], at - base);
                    offsets[4 * count] = at - base;
                    lineStart = at - base;
                    lineLimit = lineLimit(base, sectionLimit);
                    stop = Math.min(end, lineLimit);
                    state = State.NAME;
                }
            }
            if (state == State.NAME) {
                while (at < stop && Ascii.isTokenChar(bytes[at])) {
                    at++;
                }
                if (at == end) {
                    return suspend(at - base, state);
                }
                if (at == lineLimit) {
                    throw refuse(at - base, limitViolation(at, sectionLimit));
                }
                if (bytes[at] != ':') {
                    throw refuse(at - base, nameViolation(bytes[at]));
                }
                offsets[4 * count + 1] = at - base;
                at++;
                state = State.WHITESPACE;
            }
            if (state == State.WHITESPACE) {
                while (at < stop && Ascii.isWhitespace(bytes[at])) {
                    at++;
                }
                if (at == end) {
                    return suspend(at - base, state);
                }
                offsets[4 * count + 2] = at - base;
                state = State.VALUE;
            }
            if (state == State.VALUE) {
                at = Ascii.indexOfControl(bytes, at, stop);
                while (at < stop && bytes[at] == HTAB) {
                    at = Ascii.indexOfControl(bytes, at + 1, stop);
                }
                if (at == end) {
                    return suspend(at - base, state);
                }
                if (bytes[at] != CR || at >= sectionLimit) {
                    throw refuse(
                            at - base, at >= lineLimit ? limitViolation(at, sectionLimit) : valueViolation(bytes[at]));
                }
                at++;
                state = State.LINE_FEED;
            }
            if (state == State.LINE_FEED) {
                if (at == end) {
                    return suspend(at - base, state);
                }
                checkLineFeed(bytes[at], at - base, at >= sectionLimit);
                at++;
                position = at - base;
                judge(bytes, base, at - 2, rules);
                state = State.LINE_START;
            } else if (state == State.FINAL_LINE_FEED) {
                if (at == end) {
                    return suspend(at - base, state);
                }
                checkLineFeed(bytes[at], at - base, at >= sectionLimit);
                position = at + 1 - base;
                return true;
            }
        }
    }

    private int lineLimit(int base, int sectionLimit) {
        return Math.min(base + lineStart + limits.maxLineBytes() - 2, sectionLimit);
    }

    private boolean suspend(int position, State state) {
        this.position = position;
        this.state = state;
        return false;
    }

    private ViolationException refuse(int offendingByte, Violation violation) {
        position = offendingByte + 1;
        return violation.exception();
    }

    private void judge(byte[] bytes, int base, int lineEnd, Rules rules) throws ViolationException {
        int field = 4 * count;
        int valueStart = base + offsets[field + 2];
        int valueEnd = Ascii.trimEnd(bytes, valueStart, lineEnd);
        offsets[field + 3] = valueEnd - base;
        if (!rules.keeps(bytes, base, base + offsets[field], base + offsets[field + 1], valueStart, valueEnd)) {
            return;
        }
        count++;
        if (offsets.length == 4 * count) {
            offsets = Arrays.copyOf(offsets, 2 * offsets.length);
        }
    }

    private void checkLineStart(byte b, int offset) throws ViolationException {
        if (!Ascii.isTokenChar(b)) {
            throw refuse(offset, lineStartViolation(b, offset == sectionStart));
        }
        if (count == limits.maxHeaderCount()) {
            throw refuse(offset, Violation.TOO_MANY_FIELDS);
        }
    }

    private static Violation lineStartViolation(byte b, boolean first) {
        if (Ascii.isWhitespace(b)) {
            return first ? Violation.WHITESPACE_BEFORE_FIRST_FIELD : Violation.OBSOLETE_LINE_FOLDING;
        }
        return b == ':' ? Violation.EMPTY_FIELD_NAME : nameViolation(b);
    }

    private static Violation nameViolation(byte b) {
        if (Ascii.isWhitespace(b)) {
            return Violation.SPACE_BEFORE_COLON;
        }
        if (b == LF) {
            return Violation.BARE_LF;
        }
        return b == CR ? Violation.MISSING_COLON : Violation.INVALID_FIELD_NAME;
    }

    private static Violation valueViolation(byte b) {
        return b == LF ? Violation.BARE_LF : Violation.INVALID_FIELD_VALUE;
    }

    private static Violation limitViolation(int at, int sectionLimit) {
        return at >= sectionLimit ? Violation.HEADER_TOO_LARGE : Violation.FIELD_LINE_TOO_LONG;
    }

    private void checkLineFeed(byte b, int offset, boolean beyondSection) throws ViolationException {
        if (beyondSection) {
            throw refuse(offset, Violation.HEADER_TOO_LARGE);
        }
        if (b != LF) {
            throw refuse(offset, Violation.BARE_CR);
        }
    }
}
