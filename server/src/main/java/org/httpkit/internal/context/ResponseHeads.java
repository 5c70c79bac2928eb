package org.httpkit.internal.context;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.fields.HttpDate;
import org.httpkit.internal.http1.DateLine;
import org.httpkit.internal.http1.ResponseEncoder;
import org.httpkit.internal.http1.ResponseFraming;
import org.jspecify.annotations.Nullable;

/**
 * Writes the heads of a server's responses, with the fields that all of them share: the date and the server's name.
 * Safe from any thread.
 */
public final class ResponseHeads {
    private static final Headers TEXT = Headers.of("Content-Type", "text/plain; charset=utf-8");
    private static final Headers ALLOWING_NOTHING = TEXT.plus("Allow", "");
    private static final Headers NONE = Headers.empty();

    /** A second and its date line. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record DatedLine(long epochSecond, byte[] line) {}

    private final byte @Nullable [] serverLine;
    private final InstantSource clock;
    private volatile DatedLine dated = new DatedLine(0, DateLine.of(0));

    public ResponseHeads(@Nullable String serverHeader, InstantSource clock) {
        this.clock = clock;
        serverLine = serverHeader == null ? null : ResponseEncoder.fieldLine("Server", serverHeader);
    }

    /**
     * The fields of a response from the server itself, whose body is text. With 405 they say what the target allows (RFC
     * 9110 section 15.5.6): nothing, because only a CONNECT gets that.
     */
    public static Headers refusalFields(Status status) {
        return status.equals(Status.METHOD_NOT_ALLOWED) ? ALLOWING_NOTHING : TEXT;
    }

    /** Appends the head of a final response. */
    public void write(ByteQueue out, Status status, Headers fields, ResponseFraming framing) {
        ResponseEncoder.encode(out, status.code(), fields, framing, dateLine(), serverLine);
    }

    /**
     * Appends a whole response that comes from the server itself and ends the connection; returns the length of its
     * body.
     */
    public int writeRefusal(ByteQueue out, boolean toHead, Status status, String reason) {
        return writeRefusal(out, toHead, status, refusalFields(status), reason.getBytes(StandardCharsets.UTF_8));
    }

    /** Appends such a response with these fields and this body; appends nothing if a field cannot be written. */
    public int writeRefusal(ByteQueue out, boolean toHead, Status status, Headers fields, byte[] body) {
        ResponseFraming framing = new ResponseFraming(
                toHead ? ResponseFraming.Body.NONE : ResponseFraming.Body.LENGTH,
                body.length,
                ResponseFraming.Persistence.CLOSE);
        write(out, status, fields, framing);
        if (!framing.hasBody()) {
            return 0;
        }
        out.append(body);
        return body.length;
    }

    public void writeContinue(ByteQueue out) {
        writeInterim(out, Status.CONTINUE, NONE);
    }

    /** Appends an interim response, including 101. */
    public void writeInterim(ByteQueue out, Status status, Headers fields) {
        ResponseEncoder.encodeInterim(out, status.code(), fields);
    }

    private byte[] dateLine() {
        return dateLine(clock.millis());
    }

    /** The current second for the Date field, since 1970. */
    public long nowSecond() {
        return second(clock.millis());
    }

    private static long second(long epochMillis) {
        return Math.max(0, Math.min(HttpDate.LAST_SECOND, epochMillis / 1000));
    }

    /**
     * Made once a second, by the first thread that needs it. The clock may be set to any time: for a time that the
     * field cannot express, the nearest one is used, because a wrong date is better than no answer.
     */
    byte[] dateLine(long epochMillis) {
        long second = second(epochMillis);
        DatedLine known = dated;
        if (known.epochSecond != second) {
            known = new DatedLine(second, DateLine.of(second));
            dated = known;
        }
        return known.line;
    }
}
