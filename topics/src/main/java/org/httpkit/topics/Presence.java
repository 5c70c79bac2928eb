package org.httpkit.topics;

/**
 * How many channels listen to a topic. Immutable.
 *
 * @param here on this server
 * @param everywhere on all servers that share the backplane; a few seconds old. Equal to {@code here} without a
 *     backplane
 */
public record Presence(int here, long everywhere) {}
