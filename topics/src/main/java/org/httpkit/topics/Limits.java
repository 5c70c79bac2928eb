package org.httpkit.topics;

/**
 * What may be kept, and how much. Immutable; {@link Topics.Builder} says what each means.
 *
 * @param keepMessages of each topic
 * @param keepNanos the age up to which messages are kept
 * @param historyBytes of all topics
 * @param topics that there are at the same time
 * @param subscriptions of one channel
 * @param nameLength of a topic's name
 * @param messageBytes of one message
 * @param unpublished messages that wait to be delivered
 * @param slowAfterBytes that wait for a client which is not slow yet
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
