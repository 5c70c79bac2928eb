package org.httpkit.server;

/** Where handlers and listeners run. */
public enum Dispatch {
    /** On the worker: handlers may block. */
    WORKER,

    /**
     * On the event loop that read the request: the least work per request, but a handler that blocks stops every connection of
     * its loop. Responses whose body has to be pulled from somewhere (streams, iterables, files) still go through the worker.
     */
    INLINE,

    /**
     * Where it costs least: calls that were quick again and again (by method and the first segments of the path, or by the
     * path of a channel) are made on the event loop, the others on the worker. Handlers may block: a loop whose call takes
     * longer than a few milliseconds is taken over by another thread, and calls of that kind go to the worker from then on,
     * until they have proven themselves for longer.
     */
    ADAPTIVE
}
