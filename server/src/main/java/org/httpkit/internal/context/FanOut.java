package org.httpkit.internal.context;

import org.httpkit.server.Event;
import org.httpkit.server.Message;
import org.jspecify.annotations.Nullable;

/** Notices when a thread of a server sends the same data to one channel after another. Safe from any thread. */
public final class FanOut {
    /** Channels that get it before the others are taken for many. */
    private static final int FEW = 4;

    /** Longer data gains nothing by leaving together with other. */
    private static final int SHORT = 8 * 1024;

    @SuppressWarnings("ThreadLocalUsage") // another server's sends are of no interest
    private final ThreadLocal<Sends> ofThread = new ThreadLocal<>() { // no lambda, which takes long at the start
                @Override
                protected Sends initialValue() {
                    return new Sends();
                }
            };

    FanOut() {}

    /** Notes a send of the calling thread; true if it is one of many of the same data, and that is short. */
    public boolean includes(@Nullable Object data, Object channel) {
        if (data instanceof Message message && message.isForMany()) {
            return isShort(message);
        }
        return isShort(data) && ofThread.get().notes(data, System.identityHashCode(channel));
    }

    private static boolean isShort(@Nullable Object data) {
        if (data instanceof String text) {
            return text.length() <= SHORT;
        }
        if (data instanceof byte[] bytes) {
            return bytes.length <= SHORT;
        }
        if (data instanceof Message message) {
            return isShort(message.isText() ? message.text() : message.bytes());
        }
        return data instanceof Event event && (event.data() == null || isShort(event.data()));
    }

    /** A thread's last sends of one thing. */
    private static final class Sends {
        /** The last data, if it is short: so little may be kept alive. */
        private @Nullable Object data;
        /** A hash, so that nothing is kept alive; one that hits by chance does no harm. */
        private int channel;

        private int sends;

        @SuppressWarnings("ReferenceEquality") // equal data that is not the same is not sent to many, only looks so
        private boolean notes(@Nullable Object nextData, int nextChannel) {
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
}
