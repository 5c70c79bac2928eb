package org.httpkit.internal.http2;

/**
 * The client's SETTINGS (RFC 9113 section 6.5.2), as far as they were read: a frame that has arrived in part may have
 * changed some already. Confined to its loop.
 */
public final class Settings {
    public static final int HEADER_TABLE_SIZE = 0x1;
    public static final int ENABLE_PUSH = 0x2;
    public static final int MAX_CONCURRENT_STREAMS = 0x3;
    public static final int INITIAL_WINDOW_SIZE = 0x4;
    public static final int MAX_FRAME_SIZE = 0x5;
    public static final int MAX_HEADER_LIST_SIZE = 0x6;
    /** RFC 8441 section 3. */
    public static final int ENABLE_CONNECT_PROTOCOL = 0x8;
    /** RFC 9218 section 2.1. */
    public static final int NO_RFC7540_PRIORITIES = 0x9;

    public static final int DEFAULT_TABLE_BYTES = 4096;
    public static final int DEFAULT_WINDOW_BYTES = 65_535;
    public static final int LEAST_MAX_FRAME_BYTES = 1 << 14;
    public static final int LARGEST_MAX_FRAME_BYTES = (1 << 24) - 1;

    private static final long UNLIMITED = 0xFFFF_FFFFL;

    private long headerTableBytes = DEFAULT_TABLE_BYTES;
    private long leastHeaderTableBytes = DEFAULT_TABLE_BYTES;
    private long maxConcurrentStreams = UNLIMITED;
    private int initialWindowBytes = DEFAULT_WINDOW_BYTES;
    private int windowBytesInUse = DEFAULT_WINDOW_BYTES;
    private int maxFrameBytes = LEAST_MAX_FRAME_BYTES;
    private long maxHeaderListBytes = UNLIMITED;
    private boolean ignoresRfc7540Priorities;
    /** Whether the first frame is over. */
    private boolean begun;

    public Settings() {}

    /**
     * Applies one setting; the settings of a frame come in their order, and unknown ones are ignored (section 6.5.3).
     */
    void apply(int id, long value) throws Http2ViolationException {
        switch (id) {
            case HEADER_TABLE_SIZE -> {
                headerTableBytes = value;
                leastHeaderTableBytes = Math.min(leastHeaderTableBytes, value);
            }
            case ENABLE_PUSH -> requireFlag(value, Http2Violation.INVALID_ENABLE_PUSH);
            case MAX_CONCURRENT_STREAMS -> maxConcurrentStreams = value;
            case INITIAL_WINDOW_SIZE -> {
                if (value > FlowWindow.LARGEST) {
                    throw Http2Violation.INITIAL_WINDOW_TOO_LARGE.exception();
                }
                initialWindowBytes = (int) value;
            }
            case MAX_FRAME_SIZE -> {
                if (value < LEAST_MAX_FRAME_BYTES || value > LARGEST_MAX_FRAME_BYTES) {
                    throw Http2Violation.INVALID_MAX_FRAME_SIZE.exception();
                }
                maxFrameBytes = (int) value;
            }
            case MAX_HEADER_LIST_SIZE -> maxHeaderListBytes = value;
            case ENABLE_CONNECT_PROTOCOL -> requireFlag(value, Http2Violation.INVALID_ENABLE_CONNECT_PROTOCOL);
            case NO_RFC7540_PRIORITIES -> {
                requireFlag(value, Http2Violation.INVALID_NO_RFC7540_PRIORITIES);
                boolean ignores = value == 1;
                if (begun && ignores != ignoresRfc7540Priorities) {
                    throw Http2Violation.NO_RFC7540_PRIORITIES_CHANGED.exception();
                }
                ignoresRfc7540Priorities = ignores;
            }
            default -> {
                // Unknown settings are ignored.
            }
        }
    }

    /** Is called when a frame has been applied to its end. */
    void frameEnded() {
        begun = true;
    }

    private static void requireFlag(long value, Http2Violation violation) throws Http2ViolationException {
        if (value > 1) {
            throw violation.exception();
        }
    }

    /** The largest table that this server's encoder may use. */
    public long headerTableBytes() {
        return headerTableBytes;
    }

    /**
     * The smallest value that {@link #headerTableBytes} ever had. If it was below the default, the next field block
     * must begin with a size update (RFC 7541 section 4.2). See {@link HpackEncoder#clientLowersTable}.
     */
    public long leastHeaderTableBytes() {
        return leastHeaderTableBytes;
    }

    /** How many streams the server may open. It has no effect, because this server opens none. */
    public long maxConcurrentStreams() {
        return maxConcurrentStreams;
    }

    /** The initial window of a stream, in bytes. */
    public int initialWindowBytes() {
        return initialWindowBytes;
    }

    /**
     * By how much the windows of all open streams have grown since the last call; negative if they have shrunk (section
     * 6.9.2). Several changes in one frame count as one, so that the work is streams × frames, not streams × settings.
     */
    public int takeWindowChange() {
        int change = initialWindowBytes - windowBytesInUse;
        windowBytesInUse = initialWindowBytes;
        return change;
    }

    /** The longest payload of a frame that the client accepts. */
    public int maxFrameBytes() {
        return maxFrameBytes;
    }

    /** The largest header list that the client wants to receive; advisory (section 6.5.2). */
    public long maxHeaderListBytes() {
        return maxHeaderListBytes;
    }

    /** Whether the client sends no priorities of RFC 7540. */
    public boolean ignoresRfc7540Priorities() {
        return ignoresRfc7540Priorities;
    }
}
