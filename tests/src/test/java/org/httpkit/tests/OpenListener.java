package org.httpkit.tests;

import java.util.function.Consumer;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;

/** Does something with a channel as soon as it is open. */
record OpenListener(Consumer<AsyncChannel> opened) implements ChannelListener {
    @Override
    public void onOpen(AsyncChannel channel) {
        opened.accept(channel);
    }
}
