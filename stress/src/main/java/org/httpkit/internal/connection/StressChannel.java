package org.httpkit.internal.connection;

import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.SendListener;
import org.jspecify.annotations.Nullable;

/** An open channel, a listener that writes down what it is told, and somebody who waits for what becomes of one send. */
final class StressChannel extends StressConnection implements ChannelListener, SendListener {
    private final ConcurrentLinkedQueue<String> calls = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
    private volatile @Nullable AsyncChannel channel;

    StressChannel() {
        begin();
    }

    AsyncChannel channel() {
        return Objects.requireNonNull(channel);
    }

    /** Sends the first data; the loop has its turn then, since the same for many channels is left to it. */
    void beginStream(String data) {
        channel().send(data, false);
        loop.run(() -> {});
    }

    /** What came behind the response's head when nothing is left to do, with a space for each CRLF; jcstress compares lines. */
    String body() {
        loop.finish(link, wire);
        String response = wire.written();
        int end = response.indexOf("\r\n\r\n");
        return response.substring(end < 0 ? 0 : end + 4).replace("\r\n", " ") + loop.leftBehind(link);
    }

    String calls() {
        return String.join(" ", calls);
    }

    String told() {
        return String.join(" ", told);
    }

    @Override
    public Response handle(Request request) {
        return request.asChannel(this);
    }

    @Override
    public void onOpen(AsyncChannel channel) {
        this.channel = channel;
        calls.add("opened");
    }

    @Override
    public void onClose(AsyncChannel channel, CloseReason reason) {
        calls.add("closed");
    }

    @Override
    public void done(@Nullable Throwable failure) {
        told.add(failure == null ? "sent" : "failed");
    }
}
