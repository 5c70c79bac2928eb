package org.httpkit.server;

/**
 * The result of a stop. WebSockets count in neither figure.
 *
 * @param drained exchanges that were running and whose responses the operating system had taken completely before the
 *     deadline
 * @param cut exchanges whose connections the server closed at the deadline: their handlers were still running and
 *     were interrupted, or not all of the response had left, usually because the client did not read it
 */
public record DrainReport(long drained, long cut) {}
