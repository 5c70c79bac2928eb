package org.httpkit.testkit.simulation;

import java.util.List;
import java.util.SplittableRandom;
import org.httpkit.server.Dispatch;

/**
 * What one simulation is about, as chance chose. Immutable.
 *
 * @param deflates whether WebSockets may agree to permessage-deflate
 * @param streams whether some bodies are read while they arrive
 * @param broadcasts whether all channels get a broadcast from time to time; then there are more channels
 * @param files whether some answers are files
 * @param http2 whether many clients speak HTTP/2
 * @param maxQueuedBytesTotal what may wait for all clients
 * @param maxReceivedBytesTotal what may be held of what all clients have sent
 * @param stops whether the server is stopped, at {@code stopNanos}
 * @param changes whether the server's options change
 * @param jumps whether the clock does
 */
record Course(
        Dispatch dispatch,
        boolean deflates,
        boolean streams,
        boolean broadcasts,
        boolean files,
        boolean http2,
        long maxQueuedBytesTotal,
        long maxReceivedBytesTotal,
        boolean stops,
        long stopNanos,
        boolean changes,
        boolean jumps) {

    /** @param later chooses what was added later, so that older seeds go on telling their stories */
    static Course choose(Schedule schedule, SplittableRandom later) {
        SplittableRandom random = schedule.random();
        List<Dispatch> dispatches = List.of(Dispatch.values());
        boolean broadcasts = schedule.oneIn(6);
        long maxReceivedBytesTotal = later.nextInt(5) == 0 ? 1L << later.nextInt(13, 18) : Long.MAX_VALUE;
        return new Course(
                dispatches.get(random.nextInt(dispatches.size())),
                schedule.oneIn(3),
                schedule.oneIn(4),
                broadcasts,
                schedule.oneIn(4),
                later.nextInt(4) == 3,
                schedule.oneIn(5) ? 1L << random.nextInt(12, 18) : Long.MAX_VALUE,
                maxReceivedBytesTotal,
                schedule.oneIn(8),
                random.nextLong(20_000_000),
                schedule.oneIn(4),
                schedule.oneIn(16));
    }
}
