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

/** An open channel, a listener that records its calls, and a sender that waits for the outcome of one send. */
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

    /** Sends the first data. Then the loop has its turn, since sends of equal data to many channels are left to it. */
    void beginStream(String data) {
        channel().send(data, false);
        loop.run(() -> {});
    }

    /** What followed the response's head once nothing is left to do. A space stands for each CRLF, because jcstress compares lines. */
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
