package org.httpkit.server;

/**
 * What a stop found and how it ended. WebSockets are in neither figure.
 *
 * @param drained exchanges that were under way and whose answers the operating system had taken in full before the deadline
 * @param cut exchanges whose connections were closed at the deadline: their handlers still ran and were interrupted, or not all
 *     of the answer had left, mostly because the client did not read it
 */
public record DrainReport(long drained, long cut) {}
