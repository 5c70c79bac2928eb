package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How a loop adopts a socket. */
final class LoopLinksTest {
    /** A selector that has no memory for another key. */
    private static final class FullSelector extends AbstractSelector {
        FullSelector() {
            super(SelectorProvider.provider());
        }

        @Override
        protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
            throw new InternalError("Played");
        }

        @Override
        protected void implCloseSelector() {}

        @Override
        public Set<SelectionKey> keys() {
            return Set.of();
        }

        @Override
        public Set<SelectionKey> selectedKeys() {
            return Set.of();
        }

        @Override
        public int selectNow() {
            return 0;
        }

        @Override
        public int select(long timeoutMillis) {
            return 0;
        }

        @Override
        public int select() {
            return 0;
        }

        @Override
        public Selector wakeup() {
            return this;
        }
    }

    private final List<Throwable> reported = new ArrayList<>();
    private final Admission admission = new Admission(new StandbyThreadsTest.NoLimits(), () -> {});
    private final FakeLoop loop = new FakeLoop() {
        @Override
        public void closed(Link link) {
            links.closed(link);
        }

        @Override
        public void report(Throwable failure) {
            reported.add(failure);
        }
    };
    private LoopLinks links;

    /** Adopts a socket, with its place in the count of all, and returns the client's. */
    private SocketChannel adopt(Selector selector) throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            LoopCalls calls = new LoopCalls(loop, new LoopClock(), new Standby() {
                @Override
                public boolean isReady() {
                    return false;
                }

                @Override
                public void rouse() {}
            });
            LoopSurroundings surroundings = new LoopSurroundings(
                    listener.getLocalAddress(),
                    admission,
                    new Traffic(),
                    loop.backlog(),
                    loop.inputBudget(),
                    null,
                    null,
                    new StandbyThreadsTest.Strict());
            links = new LoopLinks(loop, selector, calls, surroundings, link -> new IgnoringProtocol());
            SocketChannel client = SocketChannel.open(listener.getLocalAddress());
            SocketChannel accepted = listener.accept();
            assertThat(admission.tryEnter()).isTrue();
            loop.run(() -> links.adopt(accepted, null));
            return client;
        }
    }

    @Test
    void letsTheSelectorWaitForASocket() throws IOException {
        try (Selector selector = Selector.open();
                SocketChannel client = adopt(selector)) {
            assertThat(client.isConnected()).isTrue();
            assertThat(selector.keys()).singleElement().satisfies(key -> assertThat(key.interestOps())
                    .isEqualTo(SelectionKey.OP_READ));
            assertThat(admission.open()).isOne();
            loop.run(links::close);
        }
    }

    @Test
    void closesASocketForWhichTheSelectorHasNoMemory() throws IOException {
        try (Selector selector = new FullSelector();
                SocketChannel client = adopt(selector)) {
            client.socket().setSoTimeout(10_000);

            assertThat(client.socket().getInputStream().read()).isEqualTo(-1);
            assertThat(admission.open()).isZero();
            assertThat(reported).singleElement().isInstanceOf(InternalError.class);
        }
    }
}
