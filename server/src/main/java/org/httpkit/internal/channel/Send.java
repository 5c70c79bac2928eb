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

    /** An end after everything before it. */
    static final Send END = new Send(null, null, End.NORMAL);

    /** The head of a response that has no content, and its sender's call. */
    Send headOnly() {
        return new Send(data == null ? null : data.headOnly(), whenDone, null);
    }

    /** The sender's call and the end alone. */
    Send withoutData() {
        return new Send(null, whenDone, end);
    }

    /** Whether the data is in memory as a whole, so that no stream has to be read. */
    boolean isWhole() {
        return data == null || data.isWhole();
    }

    long heldBytes() {
        return data == null ? 0 : data.heldBytes();
    }
}
