package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.channels.IllegalSelectorException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Binding, and how many connections are taken. */
final class BindTest extends ServerTest {

    @Test
    void tellsTheFreePortItPicked() throws Exception {
        HttpServer server = serve(request -> Response.text("fine"));

        assertThat(server.port()).isBetween(1, 65535);
        assertThat(server.address()).isEqualTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        assertThat(connect(server).send(get("/")).read().text()).isEqualTo("fine");
    }

    @Test
    void namesTheAddressThatCannotBeBoundAndLeavesNoThread() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Set<Thread> before = liveThreads();

            assertThatThrownBy(
                            () -> serve(request -> null, options -> options.address("127.0.0.1", taken.getLocalPort())))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("127.0.0.1")
                    .hasMessageContaining(Integer.toString(taken.getLocalPort()));

            eventually(() -> assertThat(before).containsAll(liveThreads()));
        }
    }

    @Test
    void leavesNothingBehindIfItIsBoundAndCannotAccept(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("s");
        AtomicReference<ServerSocketChannel> listener = new AtomicReference<>();
        Set<Thread> before = liveThreads();

        assertThatThrownBy(() -> serve(
                        request -> null, options -> options.unixSocket(file).listener(address -> {
                            listener.set(
                                    new UnselectableListener(ServerSocketChannel.open(StandardProtocolFamily.UNIX)));
                            return listener.get();
                        })))
                .isInstanceOf(IllegalSelectorException.class);

        assertThat(listener.get().isOpen()).isFalse();
        assertThat(file).doesNotExist();
        eventually(() -> assertThat(before).containsAll(liveThreads()));
        assertThat(connect(serve(request -> Response.text("fine"), options -> options.unixSocket(file)))
                        .send(get("/"))
                        .read()
                        .text())
                .isEqualTo("fine");
    }

    @Test
    void needsAHandler() {
        assertThatThrownBy(() -> HttpServer.builder().port(0).start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("handler");
    }

    @Test
    void letsNewConnectionsWaitOnceAsManyAreOpenAsAllowed() throws Exception {
        HttpServer server = serve(request -> Response.text("fine"), options -> options.maxConnections(2));
        RawClient first = connect(server);
        RawClient second = connect(server);
        first.send(get("/")).read();
        second.send(get("/")).read();

        RawClient third = connect(server).send(get("/"));
        assertThat(third.staysQuiet(A_MOMENT)).isTrue();
        eventually(() -> assertThat(observer.exhaustions()).contains(2));
        assertThat(server.stats().connectionsOpen()).isEqualTo(2);
        first.close();

        assertThat(third.read().text()).isEqualTo("fine");
        assertThat(second.send(get("/")).read().text()).isEqualTo("fine");
    }

    @Test
    void servesAllInTheEndWhoeverHadToWait() throws Exception {
        HttpServer server = serve(request -> Response.text("fine"), options -> options.maxConnections(3));
        RawClient[] clients = new RawClient[40];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = connect(server).send(get("/", "Connection: close"));
        }

        for (RawClient client : clients) {
            assertThat(client.read().text()).isEqualTo("fine");
            client.close();
        }
    }

    /** Binds like another one, but no selector of the JDK's takes it. */
    private static final class UnselectableListener extends ServerSocketChannel {
        private final ServerSocketChannel real;

        UnselectableListener(ServerSocketChannel real) {
            super(real.provider());
            this.real = real;
        }

        @Override
        public ServerSocketChannel bind(SocketAddress local, int backlog) throws IOException {
            real.bind(local, backlog);
            return this;
        }

        @Override
        public SocketAddress getLocalAddress() throws IOException {
            return real.getLocalAddress();
        }

        @Override
        public SocketChannel accept() throws IOException {
            return real.accept();
        }

        @Override
        protected void implConfigureBlocking(boolean block) throws IOException {
            real.configureBlocking(block);
        }

        @Override
        protected void implCloseSelectableChannel() throws IOException {
            real.close();
        }

        @Override
        public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
            real.setOption(name, value);
            return this;
        }

        @Override
        public <T> T getOption(SocketOption<T> name) throws IOException {
            return real.getOption(name);
        }

        @Override
        public Set<SocketOption<?>> supportedOptions() {
            return real.supportedOptions();
        }

        @Override
        public ServerSocket socket() {
            return real.socket();
        }
    }

    private static Set<Thread> liveThreads() {
        return ServerThreads.live();
    }
}
