package org.httpkit.internal.net;

import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A segment without bytes, which calls back when everything before it has left, or with the failure that prevented
 * that.
 */
public final class NotifySegment extends Segment {
    private final Consumer<@Nullable IOException> listener;
    private boolean left;

    public NotifySegment(Consumer<@Nullable IOException> listener) {
        this.listener = listener;
    }

    @Override
    public long remainingBytes() {
        return left ? 0 : 1;
    }

    @Override
    public long heldBytes() {
        return 0;
    }

    @Override
    void writeTo(Transport wire, Scratch scratch) throws IOException {
        left = wire.flush();
    }

    @Override
    protected void done(@Nullable IOException failure) {
        listener.accept(failure);
    }
}
