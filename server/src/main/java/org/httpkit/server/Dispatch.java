package org.httpkit.server;

/** Where handlers and listeners run. */
public enum Dispatch {
    /** On the worker: handlers may block. */
    WORKER,

    /**
     * On the event loop that read the request. This is the least work per request, but a handler that blocks stops
     * every connection of its loop. The worker still pulls bodies that come from streams and iterables, and separate
     * threads send files.
     */
    INLINE,

    /**
     * Where it costs least. The server calls handlers on the event loop if they were quick again and again, by method
     * and the first segments of the path, or by the path of a channel, and calls the others on the worker. Handlers
     * may block: if a call takes longer than a few milliseconds on a loop, another thread takes over the loop, and
     * later calls of that kind run on the worker until they have been quick for longer.
     */
    ADAPTIVE
}
