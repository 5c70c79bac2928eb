package org.httpkit.server;

/** What kind of threads a {@link Worker} has. */
public enum WorkerType {
    /** Virtual threads (JDK 21 and later), as many as there are tasks. */
    VIRTUAL,
    /** Platform threads, between a minimum and a maximum, with a bounded queue. */
    FIXED
}
