package org.httpkit.topics;

/**
 * What topics have done so far, and hold at the moment. Immutable; for metrics.
 *
 * @param topics that have receivers or messages
 * @param subscriptions of all channels; one in two topics counts twice
 * @param published messages of this process
 * @param delivered messages given to receivers as they came; what was missed and given later is not counted
 * @param skipped messages left out for receivers that were slow
 * @param stale gaps that receivers learned of, for each topic of theirs
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
