package org.httpkit.server;

import java.util.concurrent.CompletionStage;

/**
 * What {@link HttpServer#stop(int, Runnable)} waits for, where a {@link Handler} has this interface, too: for bindings to other
 * languages, whose programs rely on it. Safe from any thread.
 */
public interface StopWait {

    /**
     * Called in the thread that stops the server, when the stop has begun. It may wait, or hurry the stop with {@link
     * HttpServer#stop(java.time.Duration)}.
     *
     * @param stopped completes when the server has stopped and the caller of the stop was told
     * @param deadlineNanos by {@link System#nanoTime}, when the timeout of the stop is over
     */
    void awaitStop(HttpServer server, CompletionStage<?> stopped, long deadlineNanos);
}
