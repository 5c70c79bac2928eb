package org.httpkit.internal.connection;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.httpkit.http.Status;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.ClientPace;
import org.httpkit.internal.exchange.EndedException;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.exchange.PacedOutput;
import org.httpkit.internal.exchange.ProtocolSwitch;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Scratch;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.UpgradedConnection;
import org.jspecify.annotations.Nullable;

/**
 * The application's two streams of bytes on a {@link RawConnection}. One thread reads and one writes; any thread closes.
 */
final class UpgradedStreams implements ProtocolSwitch, UpgradedConnection {
    private final ServerContext context;
    private final Link link;
    private final RawConnection raw;
    /** Sends the answer, and gives the link to the new protocol. Null once that is done, since it keeps the old one. */
    private volatile @Nullable Runnable change;

    private final Output output;

    /** Whether the application has closed it. Written under the lock of this. */
    private volatile boolean closed;

    /**
     * @param answer the head of the answer 101
     * @param takeOver gives the link to the new protocol
     */
    UpgradedStreams(
            Exchange exchange, Link link, byte[] answer, Duration idleTimeout, Consumer<UpgradedProtocol> takeOver) {
        this.context = exchange.context;
        this.link = link;
        this.raw = new RawConnection(exchange, link, idleTimeout);
        this.change = () -> {
            hand(answer, 0, answer.length);
            takeOver.accept(raw);
        };
        this.output = new Output();
    }

    @Override
    public UpgradedConnection perform() {
        Objects.requireNonNull(change, "It has been done").run();
        change = null;
        return this;
    }

    @Override
    public void cut(Throwable failure) {
        if (!closed) {
            Cause why = context.isStopping() ? Cause.SERVER_STOP : Cause.HANDLER_ERROR;
            link.closeSoon(new EndedException(why, "The handler of the upgraded connection failed", failure));
        }
    }

    /** Returns false once the exchange has ended with the switch. */
    @Override
    public boolean connectionClosed(@Nullable IOException failure) {
        raw.input().fail(failure != null ? failure : new IOException("The connection is closed"));
        return change != null;
    }

    @Override
    public int begunStatus() {
        return Status.SWITCHING_PROTOCOLS.code();
    }

    @Override
    public InputStream input() {
        return raw.input();
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            link.execute(raw::end);
        }
    }

    private boolean hand(byte[] bytes, int offset, int count) {
        Scratch scratch = link.scratch();
        scratch.bytes.append(bytes, offset, count);
        raw.wrote(link.freshNanos());
        return link.send(scratch);
    }

    private final class Output extends PacedOutput {
        Output() {
            super(new ClientPace(link, context), -1);
        }

        @Override
        protected void requireOpen() throws IOException {
            if (closed) {
                throw new IOException("The connection is closed");
            }
        }

        /** Ahead of a close. A loop may take the lock, too: its holder hands bytes to the link, and waits for nothing. */
        @Override
        protected int handOver(byte[] bytes, int offset, int count) throws IOException {
            synchronized (UpgradedStreams.this) {
                requireOpen();
                if (!hand(bytes, offset, count)) {
                    throw new IOException("The client has gone");
                }
                return count;
            }
        }

        @Override
        public void close() throws IOException {
            try {
                if (!closed) {
                    flush();
                }
            } finally {
                UpgradedStreams.this.close();
            }
        }
    }
}
