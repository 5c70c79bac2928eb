package org.httpkit.server;

import java.io.IOException;
import java.io.OutputStream;

/** Writes a response body piece by piece, on the worker. */
@FunctionalInterface
public interface BodyWriter {

    /**
     * Writes the body. A write blocks while the client falls behind, so memory use stays small no matter how long the
     * body is. The stream gathers small writes; {@code flush} sends them.
     *
     * @throws IOException when the client has gone; the stream throws one in that case. Any exception closes the
     *     connection, so that the client cannot take an incomplete body for a complete one
     */
    void writeTo(OutputStream out) throws IOException;
}
