package org.httpkit.server;

import java.util.concurrent.CompletionStage;

/**
 * Makes {@link HttpServer#stop(int, Runnable)} wait, if the {@link Handler} implements it: for bindings to other
 * languages, whose programs rely on that. Safe from any thread.
 */
public interface StopWait {

    /**
     * Called in the thread that stops the server, when the stop has begun. It may wait, or shorten the stop with
     * {@link HttpServer#stop(java.time.Duration)}.
     *
     * @param stopped completes when the server has stopped and the caller's callback has run
     * @param deadlineNanos when the timeout of the stop is over, on the scale of {@link System#nanoTime}
     */
    void awaitStop(HttpServer server, CompletionStage<?> stopped, long deadlineNanos);
}
