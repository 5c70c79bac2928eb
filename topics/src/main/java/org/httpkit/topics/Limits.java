package org.httpkit.topics;

/**
 * Limits of topics. Immutable; {@link Topics.Builder} explains each.
 *
 * @param keepMessages of each topic
 * @param keepNanos the age up to which messages are kept
 * @param historyBytes of all topics
 * @param topics that exist at the same time
 * @param subscriptions of one channel
 * @param nameLength of a topic's name
 * @param messageBytes of one message
 * @param unpublished messages that wait to be delivered
 * @param slowAfterBytes that may wait for a client before it counts as slow
 */
record Limits(
        int keepMessages,
        long keepNanos,
        long historyBytes,
        int topics,
        int subscriptions,
        int nameLength,
        int messageBytes,
        int unpublished,
        long slowAfterBytes) {}
