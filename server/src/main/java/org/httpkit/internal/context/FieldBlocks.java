package org.httpkit.internal.context;

import java.time.InstantSource;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.fields.HttpDate;
import org.httpkit.internal.http2.HpackEncoder;
import org.httpkit.internal.http2.ResponseEncoder;
import org.jspecify.annotations.Nullable;

/**
 * Writes the field blocks of a server's responses over HTTP/2, with the fields that all of them share: the date and the
 * server's name. Safe from any thread.
 */
public final class FieldBlocks {
    /** A second and its field. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record DatedField(long epochSecond, byte[] field) {}

    private final byte @Nullable [] serverField;
    private final InstantSource clock;
    private volatile DatedField dated = new DatedField(-1, new byte[0]);

    public FieldBlocks(@Nullable String serverHeader, InstantSource clock) {
        this.clock = clock;
        serverField = serverHeader == null ? null : ResponseEncoder.field("server", serverHeader);
    }

    /**
     * Appends the block of a final response.
     *
     * @param contentLength the value of Content-Length, or -1 if it is not sent
     * @throws IllegalArgumentException if a field cannot be written: then nothing was appended
     */
    public void write(HpackEncoder hpack, ByteQueue out, Status status, Headers fields, long contentLength) {
        ResponseEncoder.encode(
                hpack, out, status.code(), fields, contentLength, dateField(clock.millis()), serverField);
    }

    /** Made once a second, by the first thread that needs it; see {@link ResponseHeads}. */
    byte[] dateField(long epochMillis) {
        long second = Math.max(0, Math.min(HttpDate.LAST_SECOND, epochMillis / 1000));
        DatedField known = dated;
        if (known.epochSecond != second) {
            known = new DatedField(second, ResponseEncoder.field("date", HttpDate.text(second)));
            dated = known;
        }
        return known.field;
    }
}
