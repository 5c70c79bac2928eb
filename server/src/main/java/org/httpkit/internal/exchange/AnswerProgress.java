package org.httpkit.internal.exchange;

import java.io.IOException;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.server.Request;

/** Receives reports about an answer on its way, from the thread that has claimed the exchange. */
interface AnswerProgress {
    Request request();

    ServerContext context();

    /** Is called when the response begins; later calls have no effect. */
    void responding();

    /** Is called when the link has received bytes of the content. */
    void sent(long bytes);

    /** Is called when the link has received the whole response. */
    void end(int status);

    /**
     * Is called when a failure of the application prevents completion: the client must not mistake the response for a
     * whole one.
     */
    void abort(int status, Throwable cause);

    /**
     * Is called when any failure prevents completion.
     *
     * @param end the exception with which the connection ends
     */
    void abort(int status, Throwable cause, IOException end);

    /**
     * Runs a task that may block: in the caller's thread if that is the worker's thread that runs the handler, else on
     * the worker.
     *
     * @return false if the worker has no room for it
     */
    boolean onWorker(Runnable task);

    /** Runs a task that may wait for a disk. */
    void runBlocking(Runnable task);
}
