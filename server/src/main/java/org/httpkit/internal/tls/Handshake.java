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
 * One handshake as a machine: records in, records out. Long computations are tasks, which another thread runs ({@link
 * #runTasks}) while the machine receives no input. Of an engine that may compute without tasks, as Conscrypt's does, that
 * thread also makes the next step ({@link #advance}). Used by one thread at a time.
 */
public final class Handshake {

    /** The driver's next step. */
    public enum Step {
        /** The client has to send more. */
        NEED_INPUT,
        /** A task has to run. */
        NEED_TASK,
        /** The handshake is over: {@link #wrap} takes the connection from here. */
        DONE
    }

    /** The intention of a client, judged by its first byte. */
    public enum Beginning {
        TLS,
        /** It does not know that this port requires TLS, and deserves an answer. */
        PLAIN_HTTP,
        OTHER
    }

    /**
     * The longest handshake accepted. A chain of certificates may be long; a client that sends more than this is not
     * shaking hands.
     */
    private static final int MAX_INPUT_BYTES = 128 * 1024;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final byte[] NO_BYTES = {};

    private final TlsEngine tls;
    private final SSLEngine engine;
    /** Bytes received and not consumed yet. */
    private byte[] received = NO_BYTES;

    private long inputBytes;
    private boolean begun;
    /** Whether the next step may compute. */
    private boolean mayCompute;

    Handshake(TlsEngine tls) {
        this.tls = tls;
        this.engine = tls.engine();
    }

    /** How many received bytes it holds. */
    public int heldBytes() {
        return received.length;
    }

    /**
     * Takes all of the input, and advances as far as possible.
     *
     * @param out receives the records to send, and the alert if this fails
     * @throws SSLException if the client breaks a rule, or no agreement is possible
     */
    public Step advance(ByteBuffer in, ByteQueue out) throws SSLException {
        inputBytes += in.remaining();
        ByteBuffer all = received.length == 0 ? in : joined(in);
        received = NO_BYTES;
        RecordBuffers buffers = RecordBuffers.borrow();
        try {
            begin();
            return waitsForThread(all) ? Step.NEED_TASK : advance(all, out, buffers.made);
        } catch (SSLException e) {
            sayAlert(out, buffers.made);
            throw e;
        } finally {
            mayCompute = false;
            received = all.hasRemaining() ? remainder(all) : NO_BYTES;
            in.position(in.limit());
            RecordBuffers.giveBack(buffers);
        }
    }

    private void begin() throws SSLException {
        if (!begun) {
            begun = true;
            engine.beginHandshake();
        }
    }

    /** Whether there is a record for which the engine may compute at once. */
    private boolean waitsForThread(ByteBuffer in) throws SSLException {
        if (mayCompute || tls.delegates() || isOver()) {
            return false;
        }
        int length = RecordHeader.recordBytes(in);
        return length > 0 && in.remaining() >= length;
    }

    private boolean isOver() {
        return switch (engine.getHandshakeStatus()) {
            case FINISHED, NOT_HANDSHAKING -> true;
            case NEED_TASK, NEED_WRAP, NEED_UNWRAP, NEED_UNWRAP_AGAIN -> false;
        };
    }

    private Step advance(ByteBuffer in, ByteQueue out, ByteBuffer scratch) throws SSLException {
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

    /** Passes the next record to the engine. Returns false if the record is incomplete. */
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
            // Then there is nothing to send.
        }
    }

    /** Runs the long computations: keys, signatures, certificates. Not on a loop, and neither is the next step. */
    public void runTasks() {
        mayCompute = true;
        tls.runTasks();
    }

    /** The protocol that ALPN has chosen; empty if none. */
    public String applicationProtocol() {
        return TlsEngine.applicationProtocol(engine);
    }

    /** The protocol version and cipher suite, for information. */
    public String agreedOn() {
        return engine.getSession().getProtocol() + " " + engine.getSession().getCipherSuite();
    }

    public boolean isResumed() {
        return tls.isResumed();
    }

    /** Returns the layer that continues the connection, with the bytes received after the handshake. */
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

    /** Guesses from its first byte what a connection is. */
    public static Beginning beginningOf(byte first) {
        if (first == RecordHeader.HANDSHAKE) {
            return Beginning.TLS;
        }
        return first >= 'A' && first <= 'Z' ? Beginning.PLAIN_HTTP : Beginning.OTHER;
    }
}
