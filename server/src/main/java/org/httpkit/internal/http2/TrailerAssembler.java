package org.httpkit.internal.http2;

import org.httpkit.http.Headers;
import org.httpkit.internal.fields.HeadBuilder;
import org.httpkit.internal.fields.ViolationException;
import org.jspecify.annotations.Nullable;

/**
 * Assembles a request's trailers from the fields of a block (RFC 9113 section 8.1). Used for one block at a time;
 * confined to its loop.
 */
public final class TrailerAssembler implements FieldSink {
    private final HeadBuilder head;
    private Http2Limits limits = Http2Limits.DEFAULT;
    private int count;
    private @Nullable Http2Violation violation;

    TrailerAssembler(HeadBuilder head) {
        this.head = head;
    }

    /** Begins a trailer section. */
    public void start(Http2Limits limits) {
        this.limits = limits;
        head.startTrailers();
        count = 0;
        violation = null;
    }

    /** Returns the trailers at the end of their block; empty if they break a rule: see {@link #violation}. */
    public Headers end() {
        Headers made = violation == null ? head.trailers() : Headers.empty();
        head.clear();
        return made;
    }

    /** The trailers' violation; null if they have none. */
    public @Nullable Http2Violation violation() {
        return violation;
    }

    @Override
    public void tooLarge() {
        if (violation == null) {
            violation = Http2Violation.FIELDS_TOO_LARGE;
        }
    }

    @Override
    public void field(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        if (violation != null) {
            return;
        }
        if (nameStart < nameEnd && bytes[nameStart] == ':') {
            violation = Http2Violation.PSEUDO_FIELD_IN_TRAILERS;
        } else if (++count > limits.maxHeaderCount()) {
            violation = Http2Violation.TOO_MANY_FIELDS;
        } else {
            violation = FieldRules.violation(bytes, nameStart, nameEnd, valueStart, valueEnd, limits);
        }
        if (violation == null) {
            try {
                head.trailer(bytes, nameStart, nameEnd, valueStart, valueEnd);
            } catch (ViolationException e) {
                violation = Http2Violation.of(e.violation());
            }
        }
    }
}
