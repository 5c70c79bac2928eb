package org.httpkit.internal.tls;

import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.net.Transport;

/**
 * One handshake as a machine: records in, records out. What takes long is a task, which another thread runs ({@link #runTasks}) while
 * nothing is fed. Used by one thread at a time.
 */
public final class Handshake {

    /** What has to happen next. */
    public enum Step {
        /** The client has to send more. */
        NEED_INPUT,
        /** A task has to run. */
        NEED_TASK,
        /** The handshake is over: {@link #wrap} takes the connection from here. */
        DONE
    }

    /** What a client has in mind, by its first byte. */
    public enum Beginning {
        TLS,
        /** It does not know that this port wants TLS, and deserves an answer. */
        PLAIN_HTTP,
        OTHER
    }

    /** A chain of certificates may be long; a client that sends more than this has something else in mind. */
    private static final int MAX_INPUT_BYTES = 128 * 1024;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final byte[] NO_BYTES = {};

    private final TlsEngine tls;
    private final SSLEngine engine;
    /** Received, and not consumed yet. */
    private byte[] received = NO_BYTES;

    private long inputBytes;
    private boolean begun;

    Handshake(TlsEngine tls) {
        this.tls = tls;
        this.engine = tls.engine();
    }

    /** How many bytes it holds of what was received. */
    public int heldBytes() {
        return received.length;
    }

    /**
     * Takes all of the input, and goes on as far as that goes.
     *
     * @param out gets the records to be sent, also the alert if this fails
     * @throws SSLException if the client breaks a rule, or nothing can be agreed on
     */
    public Step advance(ByteBuffer in, ByteQueue out) throws SSLException {
        inputBytes += in.remaining();
        ByteBuffer all = received.length == 0 ? in : joined(in);
        received = NO_BYTES;
        RecordBuffers buffers = RecordBuffers.borrow();
        try {
            return advance(all, out, buffers.made);
        } catch (SSLException e) {
            sayAlert(out, buffers.made);
            throw e;
        } finally {
            received = all.hasRemaining() ? remainder(all) : NO_BYTES;
            in.position(in.limit());
            RecordBuffers.giveBack(buffers);
        }
    }

    private Step advance(ByteBuffer in, ByteQueue out, ByteBuffer scratch) throws SSLException {
        if (!begun) {
            begun = true;
            engine.beginHandshake();
        }
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> {
                    return Step.NEED_TASK;
                }
                case NEED_WRAP -> wrap(out, scratch);
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    if (!unwrap(in, scratch)) {
                        return Step.NEED_INPUT;
                    }
                }
                case FINISHED, NOT_HANDSHAKING -> {
                    return Step.DONE;
                }
            }
        }
    }

    /** Lets the engine have the next record; false if it is not there as a whole. */
    private boolean unwrap(ByteBuffer in, ByteBuffer scratch) throws SSLException {
        int length = RecordHeader.recordBytes(in);
        if (length < 0 || in.remaining() < length) {
            if (inputBytes > MAX_INPUT_BYTES) {
                throw new SSLException("The client sends more than a handshake takes");
            }
            return false;
        }
        SSLEngineResult result = engine.unwrap(in, scratch.clear());
        if (result.getStatus() == Status.CLOSED) {
            throw new SSLException("The client has given up the handshake");
        }
        if (result.getStatus() != Status.OK || result.bytesProduced() > 0) {
            throw new SSLException("Data within the handshake: " + result.getStatus());
        }
        return true;
    }

    private void wrap(ByteQueue out, ByteBuffer scratch) throws SSLException {
        SSLEngineResult result = engine.wrap(NOTHING, scratch.clear());
        out.append(scratch.array(), scratch.arrayOffset(), scratch.position());
        if (result.getStatus() != Status.OK) {
            throw new SSLException("The engine ends the handshake: " + result.getStatus());
        }
    }

    private void sayAlert(ByteQueue out, ByteBuffer scratch) {
        try {
            engine.closeOutbound();
            while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                SSLEngineResult result = engine.wrap(NOTHING, scratch.clear());
                out.append(scratch.array(), scratch.arrayOffset(), scratch.position());
                if (result.bytesProduced() == 0 || result.getStatus() != Status.OK) {
                    return;
                }
            }
        } catch (SSLException e) {
            // There is nothing to be said, then.
        }
    }

    /** Does what takes long: keys, signatures, certificates. Not on a loop. */
    public void runTasks() {
        tls.runTasks();
    }

    /** What ALPN has chosen; empty if nothing. */
    public String applicationProtocol() {
        return engine.getApplicationProtocol();
    }

    /** The protocol version and suite, for those who want to know. */
    public String agreedOn() {
        return engine.getSession().getProtocol() + " " + engine.getSession().getCipherSuite();
    }

    public boolean isResumed() {
        return tls.isResumed();
    }

    /** The layer that goes on from here, with what was received behind the handshake. */
    public Transport wrap(Transport wire) {
        return new TlsTransport(wire, engine, tls.isResumed(), received);
    }

    private ByteBuffer joined(ByteBuffer in) {
        byte[] all = Arrays.copyOf(received, received.length + in.remaining());
        in.get(all, received.length, in.remaining());
        return ByteBuffer.wrap(all);
    }

    private static byte[] remainder(ByteBuffer in) {
        byte[] rest = new byte[in.remaining()];
        in.get(rest);
        return rest;
    }

    /** What a connection that begins with this byte is likely to be. */
    public static Beginning beginningOf(byte first) {
        if (first == RecordHeader.HANDSHAKE) {
            return Beginning.TLS;
        }
        return first >= 'A' && first <= 'Z' ? Beginning.PLAIN_HTTP : Beginning.OTHER;
    }
}
