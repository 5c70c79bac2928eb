package org.httpkit.internal.exchange;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.httpkit.internal.net.Protocol;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Event;
import org.httpkit.server.Request;
import org.httpkit.server.SendListener;
import org.httpkit.server.SendResult;
import org.jspecify.annotations.Nullable;

/** Writes down what an exchange tells its channel, one line a call. */
final class FakeChannel implements ExchangeChannel {
    final List<String> calls = new ArrayList<>();

    boolean claimed = true;
    boolean opening;
    boolean webSocket;
    boolean streams;
    int begunStatus;
    long dueNanos = Protocol.NO_DEADLINE;

    private final AsyncChannel handle = new Handle();

    @Override
    public AsyncChannel handle() {
        return handle;
    }

    @Override
    public void open(ChannelOptions options) {
        calls.add("open");
    }

    @Override
    public boolean isClaimed() {
        return claimed;
    }

    @Override
    public boolean isOpening() {
        return opening;
    }

    @Override
    public boolean isWebSocket() {
        return webSocket;
    }

    @Override
    public boolean isStream() {
        return streams;
    }

    @Override
    public int begunStatus() {
        return begunStatus;
    }

    @Override
    public long unansweredUntil() {
        return dueNanos;
    }

    @Override
    public void answerIsDue(long nowNanos) {
        calls.add("answer is due at " + nowNanos);
    }

    @Override
    public void handedOver() {
        calls.add("handed over");
    }

    @Override
    public void notReturned() {
        calls.add("not returned");
    }

    @Override
    public void answeredOtherwise() {
        calls.add("answered otherwise");
    }

    @Override
    public void failed(Throwable failure) {
        calls.add("failed: " + failure.getMessage());
    }

    @Override
    public void beginCalls() {
        calls.add("begin calls");
    }

    @Override
    public void peerEnded() {
        calls.add("peer ended");
    }

    @Override
    public void serverStopping() {
        calls.add("server stopping");
    }

    @Override
    public void drained() {
        calls.add("drained");
    }

    @Override
    public void connectionClosed(@Nullable IOException failure, boolean stopping) {
        calls.add("connection closed" + (stopping ? " by the stop" : "")
                + (failure == null ? "" : ": " + failure.getMessage()));
    }

    /** The application's side, which no test uses. */
    private static final class Handle extends AsyncChannel {
        @Override
        public SendResult trySend(@Nullable Object data, boolean closeAfterSend, @Nullable SendListener whenDone) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean sendEvent(Event event) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean close(int code, String reason) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean ping(byte[] payload) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean pong(byte[] payload) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isWebSocket() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long queuedBytes() {
            throw new UnsupportedOperationException();
        }

        @Override
        public @Nullable String subprotocol() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Request request() {
            throw new UnsupportedOperationException();
        }

        @Override
        @SuppressWarnings("deprecation") // the channel has it for other languages
        public void sendHandshake(Map<String, ?> fields) {
            throw new UnsupportedOperationException();
        }
    }
}
