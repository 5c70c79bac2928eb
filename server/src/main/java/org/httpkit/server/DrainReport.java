package org.httpkit.server;

/**
 * What a stop found and how it ended.
 *
 * @param drained exchanges that were under way and were answered in full before the deadline
 * @param cut exchanges that were interrupted and closed at the deadline
 */
public record DrainReport(long drained, long cut) {}
