package org.httpkit.internal.websocket;

/**
 * This server's preferences for permessage-deflate (RFC 7692). Immutable.
 *
 * <p>Keeping a context compresses better, because a message may refer to earlier ones, but takes native memory for the
 * life of the connection: about 40 KiB to receive and 260 KiB to send.
 *
 * @param serverKeepsContext whether this server's compressor may keep its window between messages
 * @param clientKeepsContext whether the client's compressor may
 * @param level the level of {@link java.util.zip.Deflater}: 1 (fast) to 9 (small)
 * @param thresholdBytes the shortest message to compress, in bytes
 */
public record DeflateOptions(boolean serverKeepsContext, boolean clientKeepsContext, int level, int thresholdBytes) {
    /** No context either way, level 6, from 256 bytes on. An idle connection holds no native memory. */
    public static final DeflateOptions DEFAULT = new DeflateOptions(false, false, 6, 256);

    /** @throws IllegalArgumentException if the level or the threshold is out of range */
    public DeflateOptions {
        if (level < 1 || level > 9) {
            throw new IllegalArgumentException("Compression level " + level + " is outside 1 to 9");
        }
        if (thresholdBytes < 0) {
            throw new IllegalArgumentException("Compression threshold " + thresholdBytes + " is negative");
        }
    }
}
