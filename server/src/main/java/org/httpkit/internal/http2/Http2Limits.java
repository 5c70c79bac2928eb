package org.httpkit.internal.http2;

/**
 * What of a client's frames and requests is accepted. Immutable.
 *
 * @param maxFrameBytes longest payload of a frame, our MAX_FRAME_SIZE; a longer one ends the connection with FRAME_SIZE_ERROR
 * @param maxFieldBytes longest field, name and value and four bytes between them as on a line of HTTP/1.1; a longer one gets 431, a
 *     longer path 414
 * @param maxHeaderListBytes largest header list, each field counting its name, its value and 32 bytes (RFC 9113 section 6.5.2),
 *     crumbs of cookies one by one; a larger one gets 431
 * @param maxHeaderCount most fields of a request or of its trailers, pseudo-fields aside and all crumbs of cookies as one; more
 *     get 431
 * @param maxBlockBytes longest field block as it is sent, in all of its frames; a longer one ends the connection with
 *     ENHANCE_YOUR_CALM, since it has to be read to its end for the sake of the compression
 * @param maxContinuations most CONTINUATION frames of one block; more end the connection with ENHANCE_YOUR_CALM
 * @param headerTableBytes the compression's dynamic table, our HEADER_TABLE_SIZE
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

    /** @throws IllegalArgumentException if a limit is too small for any request, or beyond what the protocol or an int can say */
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
     * The limits of a server whose limits for HTTP/1.1 are these. A block may have twice the bytes of the list that it may come to: a
     * client with a larger header is answered, and keeps its connection.
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
