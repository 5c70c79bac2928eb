package org.httpkit.internal.http2;

/** Compares the DATA of a request with its Content-Length, if it has one (RFC 9113 section 8.1.1). Confined to its loop. */
public final class BodyLength {
    private static final long UNDECLARED = -1;

    private final long declared;
    private long received;

    /** A body of that length; -1 if nobody has declared it. */
    public BodyLength(long declared) {
        this.declared = declared;
    }

    /** Notes the content of a DATA frame, padding aside, when it begins. */
    public void receive(int contentBytes) throws Http2ViolationException {
        received += contentBytes;
        if (declared != UNDECLARED && received > declared) {
            throw Http2Violation.LENGTH_UNLIKE_DATA.exception();
        }
    }

    /** Notes the end of the stream. */
    public void end() throws Http2ViolationException {
        if (declared != UNDECLARED && received != declared) {
            throw Http2Violation.LENGTH_UNLIKE_DATA.exception();
        }
    }

    /** The length that was declared; -1 if nobody has. */
    public long declared() {
        return declared;
    }

    /** What has come so far. */
    public long received() {
        return received;
    }
}
