package org.httpkit.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A protocol that takes notice of nothing. */
public class IgnoringProtocol implements Protocol {
    @Override
    public void onInput(ByteBuffer input) {}

    @Override
    public void onInputEnd() {}

    @Override
    public void onDrained() {}

    @Override
    public long onDeadline(long nowNanos) {
        return NO_DEADLINE;
    }

    @Override
    public void onServerStopping() {}

    @Override
    public void onClosed(@Nullable IOException failure) {}
}
