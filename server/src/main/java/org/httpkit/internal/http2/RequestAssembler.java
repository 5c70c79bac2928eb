package org.httpkit.internal.http2;

import org.httpkit.internal.bytes.Ascii;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.fields.HeadBuilder;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.fields.ViolationException;
import org.jspecify.annotations.Nullable;

/**
 * Assembles a request's head from the fields of a block (RFC 9113 section 8). Used for one block at a time; confined to
 * its loop.
 *
 * <p>The first broken rule counts; it drops the fields after that, while the decoder reads the block to its end. A
 * handler sees the request as in HTTP/1.1: the authority as Host, the crumbs of cookies as one Cookie, an extended
 * CONNECT as the upgrade that it replaces.
 */
public final class RequestAssembler implements FieldSink {
    private static final int USUAL_COOKIE_BYTES = 256;
    private static final byte[] COOKIE = {'c', 'o', 'o', 'k', 'i', 'e'};

    private final HeadBuilder head;
    private final PseudoFields pseudoFields = new PseudoFields();
    private ByteQueue cookies = new ByteQueue(USUAL_COOKIE_BYTES);
    private Http2Limits limits = Http2Limits.DEFAULT;
    private boolean endStream;
    private boolean https;
    private boolean isHead;
    private boolean headBegun;
    private boolean anyHost;
    private boolean anyCookie;
    private int count;
    private int priority = Priority.DEFAULT;
    private @Nullable Http2Violation violation;

    RequestAssembler(HeadBuilder head) {
        this.head = head;
    }

    /** Begins a request; with {@code endStream}, nothing follows its head. */
    public void start(Http2Limits limits, boolean endStream) {
        this.limits = limits;
        this.endStream = endStream;
        pseudoFields.start();
        cookies.clear();
        headBegun = false;
        anyHost = false;
        anyCookie = false;
        count = 0;
        priority = Priority.DEFAULT;
        violation = null;
    }

    /** Returns the head at the end of its block; null if it breaks a rule: see {@link #violation}. */
    public @Nullable RequestHead end() {
        if (violation == null) {
            try {
                violation = endOfFields();
            } catch (ViolationException e) {
                violation = Http2Violation.of(e.violation());
            }
        }
        RequestHead made = violation == null ? head.head(!endStream && pseudoFields.mayHaveBody()) : null;
        https = pseudoFields.isHttps();
        isHead = pseudoFields.isHead();
        head.clear();
        pseudoFields.release();
        if (cookies.capacity() > PseudoFields.LARGEST_KEPT_BYTES) {
            cookies = new ByteQueue(USUAL_COOKIE_BYTES);
        }
        return made;
    }

    /** The request's violation; null if it has none. */
    public @Nullable Http2Violation violation() {
        return violation;
    }

    /** The priority that the request's Priority field asks for: see {@link Priority}. */
    public int priority() {
        return priority;
    }

    /** Whether :scheme is https, even if the connection has no TLS; known at the end of the block. */
    public boolean isHttps() {
        return https;
    }

    /** Whether :method is HEAD, as far as the fields were read; known at the end of the block. */
    public boolean isHead() {
        return isHead;
    }

    /** Size of the arrays that it holds, in bytes. */
    int heldBytes() {
        return pseudoFields.heldBytes() + cookies.capacity();
    }

    @Override
    public void tooLarge() {
        refuse(Http2Violation.FIELDS_TOO_LARGE);
    }

    @Override
    public void field(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        if (violation != null) {
            return;
        }
        try {
            boolean pseudo = nameStart < nameEnd && bytes[nameStart] == ':';
            Http2Violation wrong = pseudo
                    ? pseudoField(bytes, nameStart, nameEnd, valueStart, valueEnd)
                    : regularField(bytes, nameStart, nameEnd, valueStart, valueEnd);
            if (wrong != null) {
                refuse(wrong);
            }
        } catch (ViolationException e) {
            refuse(Http2Violation.of(e.violation()));
        }
    }

    private void refuse(Http2Violation wrong) {
        if (violation == null) {
            violation = wrong;
        }
    }

    private @Nullable Http2Violation pseudoField(
            byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        return headBegun
                ? Http2Violation.PSEUDO_FIELD_AFTER_FIELD
                : pseudoFields.add(bytes, nameStart, nameEnd, valueStart, valueEnd, limits);
    }

    private @Nullable Http2Violation regularField(
            byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) throws ViolationException {
        Http2Violation wrong = beginHead();
        if (wrong == null) {
            wrong = FieldRules.violation(bytes, nameStart, nameEnd, valueStart, valueEnd, limits);
        }
        if (wrong != null) {
            return wrong;
        }
        switch (nameEnd - nameStart) {
            case 4 -> {
                if (Ascii.equalsIgnoreCase(bytes, nameStart, nameEnd, "host")) {
                    return host(bytes, nameStart, nameEnd, valueStart, valueEnd);
                }
            }
            case 6 -> {
                if (Ascii.equalsIgnoreCase(bytes, nameStart, nameEnd, "cookie")) {
                    return cookie(bytes, valueStart, valueEnd);
                }
            }
            case 8 -> {
                if (Ascii.equalsIgnoreCase(bytes, nameStart, nameEnd, "priority")) {
                    priority = Priority.parse(bytes, valueStart, valueEnd, priority);
                }
            }
            default -> {
                // A field for the head alone.
            }
        }
        return append(bytes, nameStart, nameEnd, valueStart, valueEnd);
    }

    private @Nullable Http2Violation beginHead() throws ViolationException {
        if (headBegun) {
            return null;
        }
        headBegun = true;
        return pseudoFields.begin(head);
    }

    private @Nullable Http2Violation append(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd)
            throws ViolationException {
        if (++count > limits.maxHeaderCount()) {
            return Http2Violation.TOO_MANY_FIELDS;
        }
        head.field(bytes, nameStart, nameEnd, valueStart, valueEnd);
        return null;
    }

    /** Host replaces a missing authority, and may repeat an existing one (section 8.3.1). */
    private @Nullable Http2Violation host(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd)
            throws ViolationException {
        if (anyHost) {
            return Http2Violation.REPEATED_HOST;
        }
        anyHost = true;
        if (pseudoFields.hasAuthority()) {
            return pseudoFields.isAuthority(bytes, valueStart, valueEnd) ? null : Http2Violation.HOST_UNLIKE_AUTHORITY;
        }
        return valueStart == valueEnd
                ? Http2Violation.INVALID_AUTHORITY
                : append(bytes, nameStart, nameEnd, valueStart, valueEnd);
    }

    /** Joins the crumbs of cookies (section 8.2.3). */
    private @Nullable Http2Violation cookie(byte[] bytes, int valueStart, int valueEnd) {
        if (anyCookie) {
            cookies.append((byte) ';');
            cookies.append(Ascii.SP);
        }
        anyCookie = true;
        cookies.append(bytes, valueStart, valueEnd - valueStart);
        return COOKIE.length + cookies.length() + 4 > limits.maxFieldBytes() ? Http2Violation.FIELD_TOO_LONG : null;
    }

    private @Nullable Http2Violation endOfFields() throws ViolationException {
        Http2Violation wrong = beginHead();
        if (wrong != null) {
            return wrong;
        }
        if (!anyHost && !pseudoFields.hasAuthority()) {
            return Http2Violation.MISSING_AUTHORITY;
        }
        if (anyCookie) {
            if (++count > limits.maxHeaderCount()) {
                return Http2Violation.TOO_MANY_FIELDS;
            }
            head.field(COOKIE, cookies.array(), 0, cookies.length());
        }
        boolean bodyFollows = !endStream && pseudoFields.mayHaveBody();
        return !bodyFollows && head.declaredLength() > 0 ? Http2Violation.LENGTH_UNLIKE_DATA : null;
    }
}
