package org.httpkit.internal.exchange;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.net.Outflow;
import org.httpkit.internal.net.Segment;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.Message;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** Writes down what an exchange has its stream do, one line a call. */
public final class FakeStream implements HttpStream, Outflow {
    public final List<String> calls = new ArrayList<>();
    /** Whether memory fails that is too large to be copied. */
    boolean largeFails;

    /** The content that was copied so far. */
    public final ByteArrayOutputStream content = new ByteArrayOutputStream();

    /** What is answered to the question whether content may follow. */
    public boolean takesContent = true;
    /** Whether the client has gone. */
    public boolean closed;
    /** The interim responses whose turn has not come, if it comes later; null if it comes at once. */
    public @Nullable List<BooleanSupplier> interims;
    /** Why the response could not be completed; null if it was not aborted. */
    public @Nullable Cause abortedFor;

    private boolean over;
    private boolean aborted;
    private @Nullable ExchangeChannel channel;

    /** Has that channel made. */
    public void makes(ExchangeChannel made) {
        channel = made;
    }

    @Override
    public void interim(Status status, Headers fields, BooleanSupplier wanted) {
        if (interims != null) {
            interims.add(wanted);
            return;
        }
        calls.add((wanted.getAsBoolean() ? "interim " : "no longer ") + status.code());
    }

    @Override
    public boolean hasContent(Response head, long length) {
        return takesContent;
    }

    @Override
    public boolean whole(Response head, long length, byte @Nullable [] small, @Nullable Segment large) {
        requireWritable(head);
        String copied = small != null ? " " + taken(small, 0, small.length) : "";
        String behind = large != null ? " and " + large.remainingBytes() + " bytes behind" : "";
        calls.add("whole " + head.status().code() + " of " + length + copied + behind);
        return takesContent;
    }

    @Override
    public boolean begin(Response head, long length, byte[] bytes, int offset, int count) {
        requireWritable(head);
        calls.add(("begin " + head.status().code() + " of " + length + " " + taken(bytes, offset, count))
                .stripTrailing());
        return !closed;
    }

    private static void requireWritable(Response head) {
        if (head.headers().first("Unwritable") != null) {
            throw new IllegalArgumentException("A field that cannot be written");
        }
    }

    @Override
    public boolean shared(Message piece) {
        return data(piece.bytes(), 0, piece.bytes().length, When.SOON);
    }

    @Override
    public boolean data(byte[] bytes, int offset, int count, When when) {
        calls.add("data " + taken(bytes, offset, count) + (when == When.SOON ? " soon" : ""));
        return !closed;
    }

    @Override
    public boolean data(Segment large) {
        if (largeFails) {
            throw new IllegalStateException("on purpose");
        }
        calls.add("large " + large.remainingBytes());
        return !closed;
    }

    private String taken(byte[] bytes, int offset, int count) {
        content.write(bytes, offset, count);
        return count > 40 ? count + " bytes" : new String(bytes, offset, count, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void end(Headers trailers) {
        calls.add("end" + (trailers.size() == 0 ? "" : " " + trailers));
    }

    @Override
    public void exchangeOver() {
        calls.add("over");
        over = true;
    }

    @Override
    public void abort(IOException why) {
        calls.add("abort: " + why.getMessage());
        abortedFor = EndedException.causeOf(why);
        aborted = true;
        over = true;
    }

    @Override
    public boolean isOver() {
        return over;
    }

    @Override
    public boolean isAborted() {
        return aborted;
    }

    @Override
    public Outflow outflow() {
        return this;
    }

    @Override
    public void wantInput() {
        calls.add("want input");
    }

    @Override
    public void requestGrew() {
        calls.add("request grew");
    }

    @Override
    public void recheckInputEnd() {
        calls.add("recheck the end of input");
    }

    @Override
    public ProtocolSwitch newSwitch(Headers fields, Duration idleTimeout) {
        throw new UnsupportedOperationException("This stream cannot switch");
    }

    @Override
    public ExchangeChannel newChannel(ChannelOptions options, ChannelListener listener) {
        if (channel == null) {
            throw new IllegalStateException("No channel is to be made");
        }
        return channel;
    }

    // ---- as the way out

    @Override
    public long queuedBytes() {
        return 0;
    }

    @Override
    public boolean isDrained() {
        return true;
    }

    @Override
    public boolean waitsForPeer() {
        return false;
    }

    @Override
    public void awaitDrained() throws IOException {
        if (closed) {
            throw new IOException("Closed");
        }
    }

    @Override
    public void flushSoon() {}

    @Override
    public void whenSent(Consumer<@Nullable IOException> callback) {
        callback.accept(null);
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public void closeSoon(@Nullable IOException cause) {
        calls.add("close soon");
        closed = true;
    }

    @Override
    public long freshNanos() {
        return 0;
    }
}
