package org.httpkit.topics;

/**
 * Counts of what topics have done so far, and of what they hold at the moment. Immutable; for metrics.
 *
 * @param topics that have receivers or messages
 * @param subscriptions of all channels; one in two topics counts twice
 * @param published messages of this process
 * @param delivered messages given to receivers as they came, without missed ones given later
 * @param skipped messages left out for receivers that were slow
 * @param stale gaps that receivers learned of, counted for each of their topics
 * @param historyMessages that are kept
 * @param historyBytes that these hold, roughly
 * @param undelivered messages published that wait for the thread that delivers
 */
public record TopicsStats(
        int topics,
        long subscriptions,
        long published,
        long delivered,
        long skipped,
        long stale,
        int historyMessages,
        long historyBytes,
        int undelivered) {}
