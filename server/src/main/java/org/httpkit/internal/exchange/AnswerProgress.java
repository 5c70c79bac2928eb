package org.httpkit.internal.exchange;

import java.io.IOException;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.server.Request;

/** What is reported of an answer on its way, by the thread that has claimed the exchange. */
interface AnswerProgress {
    Request request();

    ServerContext context();

    /** The response begins, if it has not begun before. */
    void responding();

    /** Bytes of its content were handed over. */
    void sent(long bytes);

    /** All of it was handed over. */
    void end(int status);

    /** It cannot be completed, for a failure of the application: the client must not take it for whole. */
    void abort(int status, Throwable cause);

    /**
     * It cannot be completed, for whatever failure.
     *
     * @param end what the connection ends with
     */
    void abort(int status, Throwable cause, IOException end);

    /**
     * Runs what may block where it may: here if this is the worker's thread that runs the handler, else on the worker.
     *
     * @return false if the worker has no room for it
     */
    boolean onWorker(Runnable task);

    /** Runs a task that may wait for a disk. */
    void runBlocking(Runnable task);
}
