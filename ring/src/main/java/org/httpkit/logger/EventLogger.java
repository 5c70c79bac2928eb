package org.httpkit.logger;

/** Takes the names of events. Implementations must be safe from any thread. */
public interface EventLogger<T> {

    /** Does nothing. */
    EventLogger<String> NOP = event -> {};

    void log(T event);
}
