package org.httpkit.internal.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.http2.ErrorCode;
import org.httpkit.internal.http2.FrameEncoder;
import org.httpkit.internal.http2.Http2ViolationException;
import org.httpkit.internal.http2.OddFrames;
import org.httpkit.internal.http2.StreamEvent;
import org.httpkit.internal.http2.StreamState;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.internal.net.StressLoop;
import org.httpkit.internal.net.StressWire;
import org.jspecify.annotations.Nullable;

/** A connection of HTTP/2 with two streams. Their requests have come, and the test supplies their answers. */
final class StressStreams implements StreamScheduler.Owner {
    private static final int FRAME_HEAD_BYTES = 9;
    private static final int STATUS_200 = 0x88;

    private final StressWire wire = new StressWire();
    private final StressLoop loop = new StressLoop();
    private final Link link = new Link(loop, wire);
    private final StreamScheduler scheduler = new StreamScheduler(link, this, new OddFrames(0));
    private final AtomicInteger ends = new AtomicInteger();
    private final Stream first;
    private final Stream second;

    /** Lets both streams send this many bytes of content. */
    StressStreams(int windowBytes) {
        first = new Stream(1, scheduler, windowBytes);
        second = new Stream(3, scheduler, windowBytes);
        loop.run(() -> link.start(new Silent()));
        scheduler.tellEnds();
    }

    Stream first() {
        return first;
    }

    Stream second() {
        return second;
    }

    /** Stops the connection from sending until it gets credit. */
    StressStreams withoutCredit() {
        scheduler.window.charge(scheduler.window.bytes());
        return this;
    }

    /** Answers with these bytes, and records when they have left. Any thread. */
    void answer(Stream stream, String text) {
        ByteQueue out = new ByteQueue(32);
        int begin = FrameEncoder.beginHeaders(out);
        out.append((byte) STATUS_200);
        FrameEncoder.endHeaders(out, begin, stream.id, false, StreamScheduler.FRAME_BYTES);
        byte[] content = text.getBytes(StandardCharsets.ISO_8859_1);
        OutputPiece.Bytes body = new OutputPiece.Bytes(content, 0, content.length);
        body.endsStream = true;
        scheduler.submit(
                stream, new OutputPiece.Frames(out.array(), out.length(), StreamEvent.SEND_HEADERS, null), body);
        stream.whenSent(failure -> (failure == null ? stream.sent : stream.failed).incrementAndGet());
    }

    /** The client resets the stream. Loop thread. */
    void resetByClient(Stream stream) {
        loop.run(() -> scheduler.resetByClient(stream, new IOException("reset")));
    }

    /** The server resets the stream. Loop thread. */
    void resetByServer(Stream stream) {
        loop.run(() -> scheduler.close(stream, ErrorCode.CANCEL, new IOException("reset")));
    }

    /** The client gives credit to a stream, or to the connection if there is no stream. Loop thread. */
    void credit(@Nullable Stream stream, int bytes) {
        loop.run(() -> {
            try {
                if (stream == null) {
                    scheduler.credit(bytes);
                } else {
                    scheduler.credit(stream, bytes);
                }
            } catch (Http2ViolationException e) {
                throw new AssertionError(e);
            }
        });
    }

    /** The frames that left, with the numbers of their streams, once nothing is left to do, and what is wrong, if anything. */
    String frames() {
        loop.finish(link, wire);
        ByteBuffer bytes = ByteBuffer.wrap(wire.written().getBytes(StandardCharsets.ISO_8859_1));
        StringBuilder text = new StringBuilder();
        while (bytes.remaining() >= FRAME_HEAD_BYTES) {
            int head = bytes.getInt();
            int flags = bytes.get();
            int streamId = bytes.getInt();
            byte[] payload = new byte[head >>> 8];
            bytes.get(payload);
            String content = new String(payload, StandardCharsets.ISO_8859_1);
            text.append(text.isEmpty() ? "" : " ")
                    .append(
                            switch (head & 0xFF) {
                                case 0 -> content;
                                case 1 -> "head";
                                case 3 -> "reset";
                                default -> "type" + (head & 0xFF);
                            })
                    .append(streamId)
                    .append((flags & 1) == 0 || (head & 0xFF) == 3 ? "" : ".");
        }
        return text + (bytes.hasRemaining() ? " and more" : "") + loop.leftBehind(link);
    }

    /** How often the loop learned that streams have ended, and which ones. */
    String ended() {
        StringBuilder text = new StringBuilder().append(ends.get()).append(" told");
        for (StreamOutput ended = scheduler.takeEnded(); ended != null; ended = ended.nextEnded) {
            text.append(", ").append(ended.id);
        }
        return text.toString();
    }

    @Override
    public void heldBack() {}

    @Override
    public void streamsStuck() {}

    @Override
    public void streamsEnded() {
        ends.incrementAndGet();
    }

    /** One of the streams. */
    static final class Stream extends StreamOutput {
        private final AtomicInteger sent = new AtomicInteger();
        private final AtomicInteger failed = new AtomicInteger();

        Stream(int id, Way way, int windowBytes) {
            super(id, way, StreamState.HALF_CLOSED_REMOTE, windowBytes);
        }

        /** The reports about its answer, and what it still holds. */
        String told() {
            String told = sent.get() + failed.get() == 1
                    ? (sent.get() == 1 ? "sent" : "failed")
                    : sent + " times sent, " + failed + " failed";
            return told + (queuedBytes() == 0 ? "" : " held " + queuedBytes());
        }

        @Override
        public void closeSoon(@Nullable IOException cause) {
            throw new UnsupportedOperationException();
        }

        @Override
        @Nullable
        ErrorCode codeAtEnd(boolean clientMaySend) {
            return null;
        }

        @Override
        void drained() {}
    }

    /** Expects nothing. */
    private static final class Silent implements Protocol {
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
}
