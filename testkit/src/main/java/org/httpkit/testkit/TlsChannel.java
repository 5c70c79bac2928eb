package org.httpkit.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;

/** The client's side of TLS over a socket that does not block. One thread may write while another one reads. */
final class TlsChannel {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SocketChannel socket;
    private final SSLEngine engine;

    // The reader's.
    private final ByteBuffer received = ByteBuffer.allocate(64 * 1024).flip();
    private final ByteBuffer plain = ByteBuffer.allocate(64 * 1024).flip();

    // Guarded by this.
    private final ByteBuffer toSend = ByteBuffer.allocate(64 * 1024).flip();

    TlsChannel(SocketChannel socket, SSLEngine engine) {
        this.socket = socket;
        this.engine = engine;
    }

    /** Whether the handshake is over; if not, there was not enough to read. */
    boolean shake() throws IOException {
        while (true) {
            if (!flush()) {
                return false;
            }
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> {
                    for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                        task.run();
                    }
                }
                case NEED_WRAP -> wrap(NOTHING);
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    if (!unwrap()) {
                        return false;
                    }
                }
                case FINISHED, NOT_HANDSHAKING -> {
                    return true;
                }
            }
        }
    }

    /** Reads what is there: returns 0 if there is nothing now, -1 at the end. */
    int read(ByteBuffer into) throws IOException {
        while (!plain.hasRemaining()) {
            if (engine.isInboundDone()) {
                return -1;
            }
            if (!unwrap()) {
                return 0;
            }
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && !engine.isInboundDone()) {
                write(NOTHING);
            }
        }
        int count = Math.min(plain.remaining(), into.remaining());
        into.put(plain.slice(plain.position(), count));
        plain.position(plain.position() + count);
        return count;
    }

    /** Decrypts a record, which may be empty; false if there is none now. */
    private boolean unwrap() throws IOException {
        plain.clear();
        SSLEngineResult result = engine.unwrap(received, plain);
        plain.flip();
        if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
            received.compact();
            int count = socket.read(received);
            received.flip();
            if (count < 0) {
                throw new IOException("The end came without a close_notify");
            }
            return count > 0;
        }
        return true;
    }

    /**
     * Writes as much as the socket takes; returns 0 if it takes nothing now. The rest of a record waits for {@link #flush}.
     */
    synchronized int write(ByteBuffer bytes) throws IOException {
        return flush() ? wrap(bytes) : 0;
    }

    /** What was made before must have been sent. */
    private synchronized int wrap(ByteBuffer bytes) throws IOException {
        toSend.clear();
        SSLEngineResult result = engine.wrap(bytes, toSend);
        toSend.flip();
        flush();
        return result.bytesConsumed();
    }

    /** Flushes; returns whether everything has been sent. */
    synchronized boolean flush() throws IOException {
        if (toSend.hasRemaining()) {
            socket.write(toSend);
        }
        return !toSend.hasRemaining();
    }

    /** Sends close_notify, as far as the socket takes it, and ends our side of the socket. */
    synchronized void endOutput() throws IOException {
        engine.closeOutbound();
        if (flush()) {
            wrap(NOTHING);
        }
        socket.shutdownOutput();
    }
}
