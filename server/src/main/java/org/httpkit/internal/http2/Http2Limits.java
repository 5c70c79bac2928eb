package org.httpkit.internal.http2;

/**
 * The limits on a client's frames and requests. Immutable.
 *
 * @param maxFrameBytes longest payload of a frame, this server's MAX_FRAME_SIZE; a longer one ends the connection with
 *     FRAME_SIZE_ERROR
 * @param maxFieldBytes longest field: name, value and four bytes of separators, as on an HTTP/1.1 line; a longer one
 *     gets 431, a longer path 414
 * @param maxHeaderListBytes largest header list; each field counts its name, its value and 32 bytes (RFC 9113 section
 *     6.5.2), and so does each crumb of a cookie; a larger list gets 431
 * @param maxHeaderCount most fields of a request or of its trailers, without pseudo-fields; all crumbs of cookies count
 *     as one; more get 431
 * @param maxBlockBytes longest encoded field block, over all its frames; a longer one ends the connection with
 *     ENHANCE_YOUR_CALM, because compression requires that each block is read to its end
 * @param maxContinuations most CONTINUATION frames of one block; more end the connection with ENHANCE_YOUR_CALM
 * @param headerTableBytes size of the decoder's dynamic table, this server's HEADER_TABLE_SIZE
 */
public record Http2Limits(
        int maxFrameBytes,
        int maxFieldBytes,
        int maxHeaderListBytes,
        int maxHeaderCount,
        int maxBlockBytes,
        int maxContinuations,
        int headerTableBytes) {
    /** As in HTTP/1.1: 8 KiB a field, 64 KiB and 100 fields a request. */
    public static final Http2Limits DEFAULT = of(8192, 65_536, 100);

    private static final int DEFAULT_MAX_FRAME_BYTES = 1 << 14;
    private static final int DEFAULT_MAX_CONTINUATIONS = 64;
    private static final int DEFAULT_TABLE_BYTES = 4096;
    /** Keeps sums of the limits well inside an int. */
    private static final int LARGEST = 1 << 28;

    /**
     * @throws IllegalArgumentException if a limit is too small for any request, or too large for the protocol or an int
     */
    public Http2Limits {
        require("maxFrameBytes", maxFrameBytes, Settings.LEAST_MAX_FRAME_BYTES, Settings.LARGEST_MAX_FRAME_BYTES);
        require("maxFieldBytes", maxFieldBytes, 16, LARGEST);
        require("maxHeaderListBytes", maxHeaderListBytes, 16, LARGEST);
        require("maxHeaderCount", maxHeaderCount, 1, LARGEST);
        require("maxBlockBytes", maxBlockBytes, 16, LARGEST);
        require("maxContinuations", maxContinuations, 1, LARGEST);
        require("headerTableBytes", headerTableBytes, 0, 1 << 20);
    }

    /**
     * Returns the limits of a server with these limits for HTTP/1.1. A block may have twice as many bytes as the list,
     * so that a client whose list is too large receives an answer and keeps its connection.
     */
    public static Http2Limits of(int maxFieldBytes, int maxHeaderListBytes, int maxHeaderCount) {
        return new Http2Limits(
                DEFAULT_MAX_FRAME_BYTES,
                maxFieldBytes,
                maxHeaderListBytes,
                maxHeaderCount,
                (int) Math.min(LARGEST, Math.max(2L * maxHeaderListBytes, 4L * DEFAULT_MAX_FRAME_BYTES)),
                DEFAULT_MAX_CONTINUATIONS,
                DEFAULT_TABLE_BYTES);
    }

    private static void require(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + "; legal are " + least + " to " + most);
        }
    }
}
