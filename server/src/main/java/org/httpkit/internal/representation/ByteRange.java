package org.httpkit.internal.representation;

/**
 * A range of bytes. Immutable.
 *
 * @param first the position of its first byte
 * @param last the position of its last byte, not before the first
 */
public record ByteRange(long first, long last) {

    public long length() {
        return last - first + 1;
    }

    /** Whether the two have a byte in common, or nothing between them. */
    boolean touches(ByteRange other) {
        return first <= other.last + 1 && other.first <= last + 1;
    }

    ByteRange with(ByteRange other) {
        return new ByteRange(Math.min(first, other.first), Math.max(last, other.last));
    }

    /** The value of Content-Range for this range of a content of {@code length} bytes (RFC 9110 section 14.4). */
    public String contentRange(long length) {
        return "bytes " + first + '-' + last + '/' + length;
    }
}
