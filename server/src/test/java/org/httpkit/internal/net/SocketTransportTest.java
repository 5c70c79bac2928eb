package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A socket: a file never goes to another than the one it was meant for, whatever closes that meanwhile. */
class SocketTransportTest {
    private ServerSocketChannel listener;
    private SocketChannel client;
    private SocketChannel socket;
    private SocketTransport wire;

    @BeforeEach
    void connect() throws IOException {
        listener = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        client = SocketChannel.open(listener.getLocalAddress());
        socket = listener.accept();
        wire = new SocketTransport(socket, new Traffic(), listener.getLocalAddress());
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        client.close();
        listener.close();
    }

    @Test
    void theSocketOfATransferIsClosedOnlyAfterIt() throws Exception {
        Thread closer = new Thread(() -> {
            try {
                wire.close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        boolean[] openWithin = new boolean[1];
        FileChannel file = new TransferOnly(() -> {
            closer.start();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (closer.isAlive() && closer.getState() != Thread.State.BLOCKED && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            openWithin[0] = socket.isOpen();
        });

        wire.transfer(file, 0, 1);
        closer.join(10_000);

        assertThat(openWithin[0]).isTrue();
        assertThat(socket.isOpen()).isFalse();
    }

    @Test
    void theSelectorHearsNothingOfASocketThatIsClosedDuringATransfer() throws Exception {
        try (Selector selector = Selector.open()) {
            socket.configureBlocking(false);
            wire.register(selector, new Link(new FakeLoop(), wire));
            wire.interest(true, true);
            int[] ready = {-1};
            FileChannel file = new TransferOnly(() -> {
                try {
                    wire.close();
                    ready[0] = selector.selectNow();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });

            wire.transfer(file, 0, 1);

            assertThat(ready[0]).isZero();
            assertThat(socket.isOpen()).isFalse();
        }
    }

    @Test
    void theSystemHoldsLessOnceItIsTold() throws Exception {
        int before = socket.getOption(StandardSocketOptions.SO_SNDBUF);

        wire.limitSystemBuffer(16 << 10);

        assertThat(socket.getOption(StandardSocketOptions.SO_SNDBUF))
                .isLessThan(before)
                .isLessThan(64 << 10);
    }

    @Test
    void nothingIsTransferredAfterTheClose(@TempDir Path folder) throws Exception {
        Path path = Files.writeString(folder.resolve("file"), "content");
        wire.close();

        try (FileChannel file = FileChannel.open(path)) {
            assertThatThrownBy(() -> wire.transfer(file, 0, 7)).isInstanceOf(ClosedChannelException.class);
        }
    }

    /** A file of which nothing is asked but to be transferred. */
    private static final class TransferOnly extends FileChannel {
        private final Runnable transfer;

        TransferOnly(Runnable transfer) {
            this.transfer = transfer;
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            transfer.run();
            return count;
        }

        @Override
        public int read(ByteBuffer into) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long read(ByteBuffer[] into, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer from) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] from, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel position(long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long size() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel truncate(long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void force(boolean metaData) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(ByteBuffer into, long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer from, long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void implCloseChannel() {}
    }
}
