package org.httpkit.internal.connection;

import org.jspecify.annotations.Nullable;

/** Notices when a thread sends the same to one channel after another. Confined to its thread. */
final class FanOut {
    /** Channels that get it before the others are taken for many. */
    private static final int FEW = 4;

    private static final ThreadLocal<FanOut> OF_THREAD = ThreadLocal.withInitial(FanOut::new);

    // Hashes, so that nothing is kept alive; one that hits by chance only lets a message leave a little later.
    private int data;
    private int channel;
    private int sends;

    private FanOut() {}

    /** Notes a send of the calling thread; true if it is one of many of the same data. */
    static boolean includes(@Nullable Object data, Object channel) {
        return data != null && OF_THREAD.get().notes(System.identityHashCode(data), System.identityHashCode(channel));
    }

    private boolean notes(int nextData, int nextChannel) {
        if (nextData != data) {
            data = nextData;
            sends = 0;
        } else if (nextChannel != channel && sends < FEW) {
            sends++;
        }
        channel = nextChannel;
        return sends == FEW;
    }
}
