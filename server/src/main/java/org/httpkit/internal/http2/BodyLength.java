package org.httpkit.internal.http2;

/** Compares the DATA of a request with its Content-Length, if it has one (RFC 9113 section 8.1.1). Confined to its loop. */
public final class BodyLength {
    private static final long UNDECLARED = -1;

    private final long declared;
    private long received;

    /** Expects a body of the declared length; -1 if the length is undeclared. */
    public BodyLength(long declared) {
        this.declared = declared;
    }

    /** Counts the content of a DATA frame, without padding, when the frame begins. */
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

    /** The declared length; -1 if undeclared. */
    public long declared() {
        return declared;
    }

    /** How many bytes have arrived. */
    public long received() {
        return received;
    }
}
