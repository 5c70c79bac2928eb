package org.httpkit.topics;

/** What a receiver learns besides messages. */
enum Notice {
    /** Messages of the topic are missing, and cannot be had any more: the receiver goes on with those that come. */
    STALE,
    /** Messages of the topic were left out because the receiver was slow. */
    SKIPPED,
    /** So many listen to the topic, here and everywhere. */
    PRESENCE,
    /** The receiver has everything up to that place. */
    LIVE,
    /** The receiver may not listen to the topic, or to so many. */
    REFUSED
}
