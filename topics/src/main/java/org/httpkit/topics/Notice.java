package org.httpkit.topics;

/** Notices that a receiver gets besides messages. */
enum Notice {
    /** Messages of the topic are missing and no longer available; the receiver goes on with the next ones. */
    STALE,
    /** Messages of the topic were left out because the receiver was slow. */
    SKIPPED,
    /** How many listen to the topic, here and everywhere. */
    PRESENCE,
    /** The receiver has everything up to this place. */
    LIVE,
    /** The receiver may not listen to the topic, or to this many topics. */
    REFUSED
}
