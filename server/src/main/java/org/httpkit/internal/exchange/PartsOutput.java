package org.httpkit.internal.exchange;

import org.httpkit.http.Headers;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.net.Segment;
import org.httpkit.server.Response;

/** Sends a response of known length in pieces, and joins small pieces. Used by one thread, which never waits. */
final class PartsOutput {
    private static final int GATHERED_BYTES = 32 * 1024;

    private final HttpStream stream;
    private final Response response;
    private final long length;
    private final ByteQueue gathered = new ByteQueue(1024);
    private boolean begun;

    PartsOutput(HttpStream stream, Response response, long length) {
        this.stream = stream;
        this.response = response;
        this.length = length;
    }

    /** Whether the client has seen anything of the response. */
    boolean isBegun() {
        return begun;
    }

    void add(byte[] piece) {
        gathered.append(piece);
        if (gathered.length() >= GATHERED_BYTES) {
            flush();
        }
    }

    void add(Segment piece) {
        flush();
        stream.data(piece);
    }

    void end() {
        flush();
        stream.end(Headers.empty());
    }

    private void flush() {
        if (!begun) {
            stream.begin(response, length, gathered.array(), 0, gathered.length());
            begun = true;
        } else if (!gathered.isEmpty()) {
            stream.data(gathered.array(), 0, gathered.length(), HttpStream.When.NOW);
        }
        gathered.clear();
    }
}
