package org.httpkit.internal.representation;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The layout of several ranges in one message, {@code multipart/byteranges} (RFC 9110 section 14.6): for each part its
 * head and its bytes, then the end. Immutable.
 *
 * @param boundary 1 to 70 characters that do not occur in the content
 * @param contentType the type of the whole content; null if it has none
 * @param ranges two or more
 * @param length the length of the whole content, in bytes
 */
public record MultipartRanges(String boundary, @Nullable String contentType, List<ByteRange> ranges, long length) {

    /** The text before the bytes of a part. */
    public byte[] head(int part) {
        String text = (part == 0 ? "--" : "\r\n--")
                + boundary
                + (contentType == null ? "" : "\r\nContent-Type: " + contentType)
                + "\r\nContent-Range: "
                + ranges.get(part).contentRange(length)
                + "\r\n\r\n";
        return latin1(text);
    }

    /** The text after the bytes of the last part. */
    public byte[] end() {
        return latin1("\r\n--" + boundary + "--\r\n");
    }

    /** The length of the whole message, in bytes. */
    public long totalBytes() {
        long total = end().length;
        for (int i = 0; i < ranges.size(); i++) {
            total += head(i).length + ranges.get(i).length();
        }
        return total;
    }

    /** The type of the message. */
    public String messageType() {
        return "multipart/byteranges; boundary=" + boundary;
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
