package org.httpkit.internal.channel;

import org.httpkit.http.CloseCode;
import org.httpkit.server.CloseReason;
import org.httpkit.server.SendListener;
import org.jspecify.annotations.Nullable;

/** Something to send on a channel, or an end, or the last thing to send. Immutable, but for data that can be read once. */
record Send(
        @Nullable ChannelData data,
        @Nullable SendListener whenDone,
        @Nullable End end) {

    /** An end that this server brings about. */
    record End(int code, String reason, CloseReason.@Nullable Cause cause) {
        static final End NORMAL = new End(CloseCode.NORMAL, "", null);
    }

    /** Whether the data is in memory as a whole, so that no stream has to be read. */
    boolean isWhole() {
        return data == null || data.isWhole();
    }

    long heldBytes() {
        return data == null ? 0 : data.heldBytes();
    }
}
