package org.httpkit.server;

import java.io.Closeable;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A connection that has left HTTP for a protocol of the application's ({@link Request#switchProtocols}): two streams of
 * bytes. One thread reads at a time, and one writes; any thread may close.
 *
 * <p>It outlives the handler's call, and belongs to the application until it is closed. A thread that reads blocks for
 * as long as the client sends nothing. Up to 256 such threads do not count towards the maximum of a {@link Worker} without
 * virtual threads. If more wait, and a task needs a thread, the connection whose thread has waited longest closes.
 */
public interface UpgradedConnection extends Closeable {

    /**
     * What the client sends. A read blocks until there are bytes. It returns -1 when the client has ended its side, when
     * this is closed, and when the server begins to stop. It throws an {@code IOException} when the connection is lost.
     * Closing this stream has no effect.
     */
    InputStream input();

    /**
     * What the client receives. The stream gathers small writes; {@code flush} sends what it has gathered. A write
     * blocks while the client falls behind, and throws an {@code IOException} once the connection is lost or closed.
     * Closing this stream closes the connection.
     */
    OutputStream output();

    /**
     * Sends what has been flushed, and ends the connection. Drops what the client sends from now on. Has no effect if
     * the connection has ended.
     */
    @Override
    void close();
}
