package org.httpkit.server;

import java.io.IOException;
import java.io.OutputStream;

/** Writes a response body piece by piece, on the worker. */
@FunctionalInterface
public interface BodyWriter {

    /**
     * Writes the body. A write blocks while the client does not keep up, so memory stays small however long the body is.
     * Small writes are gathered; {@code flush} sends what has gathered.
     *
     * @throws IOException when the client has gone; also thrown by the stream itself then. Any exception closes the
     *     connection, so that the client cannot take a cut body for a whole one
     */
    void writeTo(OutputStream out) throws IOException;
}
