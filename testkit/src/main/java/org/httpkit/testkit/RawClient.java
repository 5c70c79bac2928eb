package org.httpkit.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.httpkit.server.HttpServer;
import org.jspecify.annotations.Nullable;

/**
 * A client that sends exactly the bytes it is given, good or bad, and reads responses strictly by RFC 9112. Its calls
 * block, and fail with {@link SocketTimeoutException} after a time, so that no test hangs. One thread may send while
 * another one reads; otherwise confined to one thread.
 */
public final class RawClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** How a connection ended. */
    public enum End {
        /** The server ended its side in order. */
        CLOSED,
        /** The server, or the kernel for it, reset the connection. */
        RESET
    }

    private final SocketChannel socket;
    private final Selector readable;
    private final Selector writable;
    /** Null in plain text. */
    private @Nullable TlsChannel tls;

    private boolean closesHard;

    private Duration patience = PATIENCE;

    // The reader's.
    private final ByteBuffer input = ByteBuffer.allocate(64 * 1024).flip();
    private final ResponseReader reader;
    private @Nullable End end;
    private @Nullable IOException endCause;
    private long deadlineNanos;

    private RawClient(SocketChannel socket, SocketAddress address) throws IOException {
        this.socket = socket;
        this.readable = Selector.open();
        this.writable = Selector.open();
        try {
            socket.connect(address);
            socket.configureBlocking(false);
            socket.register(readable, SelectionKey.OP_READ);
            socket.register(writable, SelectionKey.OP_WRITE);
        } catch (IOException e) {
            close();
            throw e;
        }
        reader = new ResponseReader(new ResponseReader.Source() {
            @Override
            public int next() throws IOException {
                return fill() ? input.get() & 0xff : -1;
            }

            @Override
            public int next(byte[] target, int count) throws IOException {
                if (!fill()) {
                    return -1;
                }
                int taken = Math.min(count, input.remaining());
                input.get(target, 0, taken);
                return taken;
            }
        });
    }

    /** Connects to a server of this machine, over TCP or its Unix domain socket. */
    public static RawClient connect(HttpServer server) throws IOException {
        RawClient client = connectInPlainText(server);
        return server.options().tls() == null
                ? client
                : client.secure(TestCertificate.trusting(TestCertificate.localhost()));
    }

    /** Connects to a server of this machine, without TLS even if the server speaks nothing else. */
    public static RawClient connectInPlainText(HttpServer server) throws IOException {
        return server.address() instanceof UnixDomainSocketAddress unix
                ? connect(unix.getPath())
                : connect(server.port());
    }

    /** Connects to a port of the loopback address. */
    public static RawClient connect(int port) throws IOException {
        return connect(port, 0);
    }

    /**
     * Connects to a port of the loopback address.
     *
     * @param receiveBufferBytes roughly how many bytes the kernel may take in ahead of this client's reads; 0 leaves
     *     that to the kernel
     */
    public static RawClient connect(int port, int receiveBufferBytes) throws IOException {
        SocketChannel socket = SocketChannel.open();
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        if (receiveBufferBytes > 0) {
            socket.setOption(StandardSocketOptions.SO_RCVBUF, receiveBufferBytes);
        }
        return new RawClient(socket, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    /** Connects to a Unix domain socket. */
    public static RawClient connect(Path socketFile) throws IOException {
        return new RawClient(SocketChannel.open(StandardProtocolFamily.UNIX), UnixDomainSocketAddress.of(socketFile));
    }

    /** Speaks TLS from here on, for localhost. */
    public RawClient secure(SSLContext context) throws IOException {
        SSLEngine engine = context.createSSLEngine("localhost", 0);
        engine.setUseClientMode(true);
        return secure(engine);
    }

    /** Speaks TLS from here on. */
    public RawClient secure(SSLEngine engine) throws IOException {
        TlsChannel layer = new TlsChannel(socket, engine);
        engine.beginHandshake();
        begin();
        try {
            while (!layer.shake()) {
                if (!await(readable, deadlineNanos)) {
                    throw new SocketTimeoutException("No handshake in " + patience);
                }
            }
        } catch (IOException e) {
            close();
            throw e;
        }
        tls = layer;
        return this;
    }

    /** How long each call may take. Default 10 s. */
    public RawClient patience(Duration patience) {
        this.patience = patience;
        return this;
    }

    /** Our end of the connection. */
    public SocketAddress localAddress() throws IOException {
        return socket.getLocalAddress();
    }

    // ---- sending

    /** Sends text as ISO-8859-1, which maps characters to bytes one to one. */
    public RawClient send(String latin1) throws IOException {
        return send(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends bytes as they are. */
    public RawClient send(byte[] bytes) throws IOException {
        return send(bytes, 0, bytes.length);
    }

    /** Sends a part of an array. */
    public RawClient send(byte[] bytes, int from, int count) throws IOException {
        long untilNanos = System.nanoTime() + patience.toNanos();
        ByteBuffer rest = ByteBuffer.wrap(bytes, from, count);
        while (rest.hasRemaining()) {
            if (write(rest) == 0) {
                awaitRoom(untilNanos, rest.position() - from, count);
            }
        }
        while (tls != null && !tls.flush()) {
            awaitRoom(untilNanos, count, count);
        }
        return this;
    }

    private void awaitRoom(long untilNanos, int taken, int count) throws IOException {
        if (!await(writable, untilNanos)) {
            throw new SocketTimeoutException(
                    "The server took " + taken + " of " + count + " bytes, if all that was encrypted, in " + patience);
        }
    }

    /** Sends each piece in a separate write, so that they mostly arrive apart; see {@link Splits}. */
    public RawClient send(List<byte[]> pieces) throws IOException {
        for (byte[] piece : pieces) {
            send(piece);
        }
        return this;
    }

    /**
     * Sends a piece again and again until the server takes no more for this time, or this many bytes are out.
     *
     * @return how many bytes are out
     */
    public long sendUntilHeld(byte[] piece, Duration quiet, long mostBytes) throws IOException {
        long sent = 0;
        ByteBuffer bytes = ByteBuffer.wrap(piece);
        while (sent < mostBytes) {
            int count = write(bytes);
            sent += count;
            if (!bytes.hasRemaining()) {
                bytes.clear();
            }
            if (count == 0 && !await(writable, System.nanoTime() + quiet.toNanos())) {
                return sent;
            }
        }
        return sent;
    }

    /** Ends our side; what the server still sends can be read. */
    public RawClient endOutput() throws IOException {
        if (tls != null) {
            tls.endOutput();
        } else {
            socket.shutdownOutput();
        }
        return this;
    }

    private int write(ByteBuffer bytes) throws IOException {
        return tls != null ? tls.write(bytes) : socket.write(bytes);
    }

    // ---- receiving

    /** Reads a response, interim ones (1xx) included, to any request but HEAD. */
    public RawResponse read() throws IOException {
        begin();
        return reader.readBody(reader.readHead(false));
    }

    /**
     * Reads a response, and passes its body on as it comes, without holding it: the returned response has an empty one.
     */
    public RawResponse read(OutputStream body) throws IOException {
        begin();
        return reader.readBody(reader.readHead(false), body);
    }

    /** Reads the response to a HEAD request: it has no body, whatever its fields say. */
    public RawResponse readToHeadRequest() throws IOException {
        begin();
        return reader.readHead(true);
    }

    /** Reads a response as far as its head; its body can be read by {@link #readChunk} or {@link #readBytes}. */
    public RawResponse readHead() throws IOException {
        begin();
        return reader.readHead(false);
    }

    /** Reads a chunk: empty for the last one, null if the connection ended before it was whole. */
    public byte @Nullable [] readChunk() throws IOException {
        begin();
        return reader.readChunk();
    }

    /** Reads this many bytes, fewer only if the connection ends. */
    public byte[] readBytes(int count) throws IOException {
        begin();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] piece = new byte[16 * 1024];
        while (bytes.size() < count && fill()) {
            int taken = Math.min(Math.min(piece.length, count - bytes.size()), input.remaining());
            input.get(piece, 0, taken);
            bytes.write(piece, 0, taken);
        }
        return bytes.toByteArray();
    }

    /** Reads what has come, as much as fits; -1 at the end. */
    public int read(byte[] target) throws IOException {
        begin();
        if (!fill()) {
            return -1;
        }
        int taken = Math.min(target.length, input.remaining());
        input.get(target, 0, taken);
        return taken;
    }

    /** Reads and drops everything up to the end; returns the number of bytes. */
    public long skipToEnd() throws IOException {
        begin();
        long count = 0;
        while (fill()) {
            count += input.remaining();
            input.position(input.limit());
        }
        return count;
    }

    /**
     * Waits for the end of the connection; anything else fails.
     *
     * @throws IOException if bytes come instead
     */
    public End awaitEnd() throws IOException {
        begin();
        if (fill()) {
            throw new IOException("Not the end: "
                    + new String(input.array(), input.position(), input.remaining(), StandardCharsets.ISO_8859_1));
        }
        return end == null ? End.CLOSED : end;
    }

    /** What ended the connection, if it was not ended in order: a reset, or a fault of TLS. */
    public @Nullable IOException endCause() {
        return endCause;
    }

    /** Whether neither a byte nor the end comes within this time. */
    public boolean staysQuiet(Duration time) throws IOException {
        if (input.hasRemaining() || end != null) {
            return false;
        }
        long untilNanos = System.nanoTime() + time.toNanos();
        while (await(readable, untilNanos)) {
            input.clear();
            int count = receive();
            input.flip();
            if (count != 0) {
                return false; // input that yields 0 bytes belongs to TLS
            }
        }
        return true;
    }

    // ---- ending

    /** Closes with a reset instead of an end: the server loses what it has not read. TCP only. */
    public void reset() throws IOException {
        closesHard = true;
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        close();
    }

    @Override
    public void close() throws IOException {
        if (tls != null && socket.isOpen() && !closesHard) {
            dropReceived(); // an unread session ticket would turn the end into a reset
        }
        readable.close();
        writable.close();
        socket.close();
    }

    private void dropReceived() {
        int count = 1;
        while (count > 0) {
            input.clear();
            count = receive();
        }
        input.flip();
    }

    private void begin() {
        deadlineNanos = System.nanoTime() + patience.toNanos();
    }

    /** Makes sure that a byte is at hand; false at the end. */
    private boolean fill() throws IOException {
        while (!input.hasRemaining()) {
            if (end != null) {
                return false;
            }
            input.clear();
            int count = receive();
            input.flip();
            if (count < 0) {
                return false;
            }
            if (count == 0 && !await(readable, deadlineNanos)) {
                throw new SocketTimeoutException("Nothing came in " + patience);
            }
        }
        return true;
    }

    private int receive() {
        try {
            int count = tls != null ? tls.read(input) : socket.read(input);
            if (count < 0) {
                end = End.CLOSED;
            }
            return count;
        } catch (IOException e) {
            end = End.RESET;
            endCause = e;
            return -1;
        }
    }

    /** Whether the socket became ready in time. */
    private static boolean await(Selector selector, long untilNanos) throws IOException {
        while (true) {
            long millis = (untilNanos - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                return false;
            }
            if (selector.select(millis) > 0) {
                selector.selectedKeys().clear();
                return true;
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("Interrupted while waiting for the server");
            }
        }
    }
}
