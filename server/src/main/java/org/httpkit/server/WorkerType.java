package org.httpkit.server;

/** What kind of threads a {@link Worker} has. */
public enum WorkerType {
    /** Virtual threads (JDK 21 and later), as many as there are tasks. */
    VIRTUAL,
    /** Platform threads, between a least and a greatest number, with a bounded queue behind them. */
    FIXED
}
