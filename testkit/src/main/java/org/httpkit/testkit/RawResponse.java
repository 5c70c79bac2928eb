package org.httpkit.testkit;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A response as it came over the wire (RFC 9112 section 4). Immutable, except for the bytes of the body.
 *
 * @param statusLine the first line, without its CRLF
 * @param fields the header fields in order
 * @param framing how the response marked the end of the body
 * @param body the content, with chunks joined
 * @param trailers the trailer fields of a chunked body
 * @param isComplete whether the body came to its end; false if the connection ended within it
 */
@SuppressWarnings("ArrayRecordComponent") // tests compare the parts
public record RawResponse(
        String statusLine, List<Field> fields, Framing framing, byte[] body, List<Field> trailers, boolean isComplete) {

    /** How a response marks the end of its body (RFC 9112 section 6.3). */
    public enum Framing {
        /** There is no body, whatever the fields say. */
        NONE,
        /** By {@code Content-Length}. */
        LENGTH,
        /** By {@code Transfer-Encoding: chunked}. */
        CHUNKED,
        /** By the end of the connection. */
        TO_END
    }

    /**
     * A field as it was sent.
     *
     * @param name in the case that was sent
     * @param value without the white space around it
     */
    public record Field(String name, String value) {
        @Override
        public String toString() {
            return name + ": " + value;
        }
    }

    /** The status code. */
    public int status() {
        return Integer.parseInt(statusLine, 9, 12, 10);
    }

    /** The value of the first field of this name, in any case, or null. */
    public @Nullable String field(String name) {
        List<String> values = fields(name);
        return values.isEmpty() ? null : values.get(0);
    }

    /** The values of all fields of this name, in any case. */
    public List<String> fields(String name) {
        return fields.stream()
                .filter(field -> field.name().equalsIgnoreCase(name))
                .map(Field::value)
                .toList();
    }

    /** The body as UTF-8. */
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** Whether the server says that it closes the connection (RFC 9112 section 9.6). */
    public boolean saysClose() {
        return fields("Connection").stream()
                .flatMap(value -> Stream.of(value.split(",", -1)))
                .anyMatch(member -> member.strip().equalsIgnoreCase("close"));
    }

    @Override
    public String toString() {
        return statusLine + " " + fields + " " + body.length + (isComplete ? " bytes" : " bytes, incomplete");
    }
}
