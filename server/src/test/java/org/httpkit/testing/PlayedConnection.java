package org.httpkit.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.httpkit.internal.connection.Opener;
import org.httpkit.internal.context.Environment;
import org.httpkit.internal.context.HandshakeThreads;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.dispatch.Forecast;
import org.httpkit.internal.net.FakeLoop;
import org.httpkit.internal.net.FakeWire;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.LoopCall;
import org.httpkit.internal.tls.TlsContext;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.jspecify.annotations.Nullable;

/**
 * One connection without a socket or a thread: the test plays its client, its loop, its worker, its handshake threads, its
 * disk and its clock.
 * Bytes are written as ISO-8859-1.
 */
public final class PlayedConnection {
    /** A loop that makes calls right after the work that has asked for them. */
    private static final class Loop extends FakeLoop {
        private @Nullable LoopCall call;
        private @Nullable Link caller;

        Loop(long maxQueuedBytes) {
            super(maxQueuedBytes);
        }

        @Override
        public boolean callNext(Link link, LoopCall next) {
            if (call != null) {
                return false;
            }
            call = next;
            caller = link;
            return true;
        }

        @Override
        public boolean hasCall() {
            return call != null;
        }

        @Override
        public void run(Runnable work) {
            super.run(work);
            for (LoopCall made = call; made != null && caller != null; made = call) {
                LoopCall now = made;
                Link link = caller;
                call = null;
                now.call();
                super.run(() -> {
                    now.finish(LoopCall.Effect.KEPT_LOOP, 1000);
                    link.called();
                });
            }
        }
    }

    /** A socket that gives what the client has sent, and takes as much as there is room for. */
    public static final class Wire extends FakeWire {
        private final ArrayDeque<ByteBuffer> input = new ArrayDeque<>();
        private final ByteArrayOutputStream output = new ByteArrayOutputStream();
        private boolean inputEnds;
        public boolean isOutputEnded;
        public boolean isClosed;
        public boolean isCut;
        public boolean wantsInput;
        public @Nullable SocketAddress local;
        public @Nullable SocketAddress remote;

        /** Whether the client has received nothing since it last looked. */
        public boolean isEmpty() {
            return output.size() == 0;
        }

        @Override
        public int read(ByteBuffer into) {
            ByteBuffer next = input.peek();
            if (next == null) {
                return inputEnds ? -1 : 0;
            }
            int count = Math.min(into.remaining(), next.remaining());
            into.put(next.slice(next.position(), count));
            next.position(next.position() + count);
            if (!next.hasRemaining()) {
                input.remove();
            }
            return count;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            if (isClosed) {
                throw new IOException("The socket is closed");
            }
            byte[] taken = new byte[Math.min(room, bytes.remaining())];
            bytes.get(taken);
            room -= taken.length;
            output.writeBytes(taken);
            return taken.length;
        }

        @Override
        public long transfer(FileChannel file, long position, long count) throws IOException {
            ByteBuffer part = ByteBuffer.allocate((int) Math.min(count, Math.min(room, 64 * 1024)));
            int read = file.read(part, position);
            return read <= 0 ? 0 : write(part.flip());
        }

        @Override
        public boolean shutdownOutput() {
            isOutputEnded = true;
            return true;
        }

        @Override
        public void interest(boolean reading, boolean writing) {
            wantsInput = reading;
            wantsRoom = writing;
        }

        @Override
        public void cut() {
            isCut = true;
        }

        @Override
        public void close() {
            isClosed = true;
        }

        @Override
        public @Nullable SocketAddress localAddress() {
            return local;
        }

        @Override
        public @Nullable SocketAddress remoteAddress() {
            return remote;
        }
    }

    /** Every call is quick, so the loop makes it. */
    private static final class AlwaysQuick extends Forecast {
        @Override
        public boolean isQuick(int kind, int group) {
            return true;
        }
    }

    /** Threads that compute when the test says so. */
    private static final class PlayedThreads extends HandshakeThreads {
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        private boolean ended;

        @Override
        public void execute(Runnable task) {
            if (ended) {
                throw new RejectedExecutionException("The server has ended");
            }
            tasks.add(task);
        }

        @Override
        public void end() {
            ended = true;
        }
    }

    public final FakeLoop loop;
    public final Wire wire = new Wire();
    public final Link link;
    public final ServerContext context;
    public final SeenEvents seen;
    /** Whether the worker refuses tasks. */
    public boolean workerIsFull;

    private final ArrayDeque<Runnable> worker;
    private final PlayedThreads handshakes;
    private final ByteBuffer input = ByteBuffer.allocate(64 * 1024);

    private PlayedConnection(HttpServer.Builder options) {
        seen = new SeenEvents();
        worker = new ArrayDeque<>();
        handshakes = new PlayedThreads();
        options.observer(seen);
        loop = new Loop(options.options().maxQueuedBytesTotal());
        link = new Link(loop, wire);
        context = ServerContext.of(
                options.options(),
                this::give,
                seen,
                new Environment(
                        options.options().dispatch() == Dispatch.ADAPTIVE ? new AlwaysQuick() : null,
                        handshakes,
                        ReentrantLock::new,
                        InstantSource.system(),
                        () -> new Random(9110),
                        1));
    }

    private PlayedConnection(PlayedConnection other) {
        seen = other.seen;
        worker = other.worker;
        handshakes = other.handshakes;
        context = other.context;
        loop = new Loop(Long.MAX_VALUE);
        link = new Link(loop, wire);
    }

    /** A further connection of this one's server, on another loop. */
    public PlayedConnection another() {
        PlayedConnection connection = new PlayedConnection(this);
        connection.open();
        return connection;
    }

    /** A connection whose calls are made on the worker. */
    public static PlayedConnection serving(Handler handler) {
        return serving(handler, options -> {});
    }

    public static PlayedConnection serving(Handler handler, Consumer<HttpServer.Builder> more) {
        HttpServer.Builder options =
                HttpServer.builder().handler(handler).dispatch(Dispatch.WORKER).serverHeader(null);
        more.accept(options);
        PlayedConnection connection = new PlayedConnection(options);
        connection.open();
        return connection;
    }

    /** A connection that begins with a TLS handshake. */
    public static PlayedConnection serving(Handler handler, TlsContext tls, Consumer<HttpServer.Builder> more) {
        HttpServer.Builder options =
                HttpServer.builder().handler(handler).dispatch(Dispatch.WORKER).serverHeader(null);
        more.accept(options);
        PlayedConnection connection = new PlayedConnection(options);
        connection.context.useTls(tls);
        connection.open();
        return connection;
    }

    private void open() {
        loop.run(() -> {
            link.start(new Opener(context).apply(link));
            link.updateInterest();
        });
    }

    private void give(Runnable task) {
        if (workerIsFull) {
            throw new RejectedExecutionException("The worker is full");
        }
        worker.add(task);
    }

    // ---- the client

    /** Sends bytes, which the loop reads unless it has paused; nothing else runs. */
    public PlayedConnection send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public PlayedConnection send(byte[] bytes) {
        wire.input.add(ByteBuffer.wrap(bytes));
        read();
        return this;
    }

    /** Sends bytes, lets everything run, and returns what the client has received since it last looked. */
    public String ask(String text) {
        send(text);
        return settled();
    }

    public byte[] ask(byte[] bytes) {
        send(bytes);
        settle();
        return takeBytes();
    }

    /** The client ends its side. */
    public PlayedConnection endInput() {
        wire.inputEnds = true;
        read();
        return this;
    }

    /** The client resets the connection. */
    public void reset() {
        loop.run(() -> link.close(new IOException("Connection reset by peer")));
        settle();
    }

    /** Bytes that wait in the socket for the loop to read them. */
    public int unreadBytes() {
        return wire.input.stream().mapToInt(ByteBuffer::remaining).sum();
    }

    /** The client reads that much more of what the server sends. */
    public PlayedConnection makeRoom(int bytes) {
        wire.room = bytes;
        write();
        return this;
    }

    /** What the client has received since it last looked, without Date fields. */
    public String take() {
        return new String(takeBytes(), StandardCharsets.ISO_8859_1).replaceAll("Date: [^\r]*\r\n", "");
    }

    public byte[] takeBytes() {
        byte[] taken = wire.output.toByteArray();
        wire.output.reset();
        return taken;
    }

    // ---- the server

    private void read() {
        for (boolean more = true; more; more = wire.wantsInput && !wire.input.isEmpty() && !wire.isClosed) {
            if (!wire.wantsInput || wire.isClosed) {
                return;
            }
            loop.run(() -> link.readable(input));
        }
    }

    private void write() {
        while (wire.wantsRoom && wire.room > 0 && !wire.isClosed) {
            loop.run(link::writable);
        }
    }

    /** Runs what the loop was given. */
    public PlayedConnection runLoop() {
        while (loop.hasCommands()) {
            loop.runCommands();
            if (wire.wantsInput && !wire.isClosed && (!wire.input.isEmpty() || wire.inputEnds)) {
                read();
            }
        }
        return this;
    }

    /** Runs the next task of the worker; returns false if there is none. */
    public boolean runWorkersNext() {
        Runnable task = worker.poll();
        if (task == null) {
            return false;
        }
        task.run();
        return true;
    }

    /** A thread runs the next task of a handshake; returns false if there is none. */
    public boolean computeNext() {
        Runnable task = handshakes.tasks.poll();
        if (task == null) {
            return false;
        }
        task.run();
        return true;
    }

    /** Tasks that wait for the worker. */
    public int workersTasks() {
        return worker.size();
    }

    /** Lets loop, worker, handshakes and disk run until nothing is left to do. */
    public PlayedConnection settle() {
        do {
            loop.runBlockingTasks();
            runLoop();
            write();
        } while (runWorkersNext() || computeNext() || loop.hasCommands() || loop.hasBlockingTasks());
        return this;
    }

    /** Lets everything run, and returns what the client has received since it last looked. */
    public String settled() {
        settle();
        return take();
    }

    /** Lets time pass, a tenth of a second at a time, and everything run meanwhile. */
    public PlayedConnection pass(long millis) {
        for (long left = millis; left > 0; left -= 100) {
            loop.letPass(Math.min(left, 100) * 1_000_000L);
            settle();
        }
        return this;
    }

    /** Stops the server, as far as this connection knows. */
    public PlayedConnection stopServer() {
        context.stop();
        loop.run(link::stopping);
        return settle();
    }

    public boolean isClosed() {
        return wire.isClosed;
    }

    /** What observers were told since the last call. */
    public List<String> events() {
        return seen.take();
    }
}
