package org.httpkit.server;

/** Where handlers run. */
public enum Dispatch {
    /** On the worker: handlers may block. */
    WORKER,

    /**
     * On the event loop that read the request: the least work per request, but a handler that blocks stops every connection of
     * its loop. Responses whose body has to be pulled from somewhere (streams, iterables, files) still go through the worker.
     */
    INLINE
}
