package org.httpkit.internal.tls;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.httpkit.internal.net.Security;
import org.httpkit.internal.net.Transport;
import org.jspecify.annotations.Nullable;

/**
 * TLS around another transport, once the handshake is over. The loop decrypts what it reads; the holder of the write claim encrypts
 * what it writes. The engine's lock lets them do so at the same time but for one record. Between records it owns no buffer.
 */
public final class TlsTransport implements Transport {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final byte[] NO_BYTES = {};

    /** The first records fit into a packet each, so that the client need not wait for several to decrypt one. */
    private static final int FIRST_RECORD_BYTES = 1300;

    private static final int FIRST_RECORDS = 8;

    private final Transport wire;
    private final SSLEngine engine;
    private final boolean resumed;
    private final StrayRecords stray = new StrayRecords();

    // Confined to the loop.
    /** Received, and not decrypted yet: mostly the beginning of a record. */
    private byte[] received;

    private boolean inputEnded;
    /** Whether the reader knows of that end. */
    private boolean endTold;

    // Confined to the holder of the write claim.
    /** Encrypted, and not taken by the socket yet, from {@link #unsentFrom} on. */
    private byte[] unsent = NO_BYTES;

    private int unsentFrom;
    /** How many unsent bytes were last reported. */
    private int unsentTold;

    private int records;

    /** Whether the engine has produced output that it must send. */
    private volatile boolean owes;

    /**
     * @param engine whose handshake is over
     * @param resumed whether the handshake resumed an earlier session
     * @param received what came behind the handshake
     */
    TlsTransport(Transport wire, SSLEngine engine, boolean resumed, byte[] received) {
        this.wire = wire;
        this.engine = engine;
        this.resumed = resumed;
        this.received = received;
    }

    @Override
    public boolean isSecure() {
        return true;
    }

    @Override
    public Security security() {
        boolean asked = engine.getNeedClientAuth() || engine.getWantClientAuth();
        return new Security(engine.getSession(), TlsEngine.applicationProtocol(engine), asked, resumed);
    }

    // ---- input

    /** Reads no more than fits into the buffer after decryption, so that it holds back no whole record. */
    @Override
    public int read(ByteBuffer into) throws IOException {
        if (inputEnded) {
            endTold = true;
            return -1;
        }
        RecordBuffers buffers = RecordBuffers.borrow();
        try {
            ByteBuffer in = buffers.received.clear();
            byte[] early = received; // what came behind the handshake may be more than there is room for
            int taken = Math.min(early.length, in.remaining());
            in.put(early, 0, taken).limit(Math.max(taken, Math.min(in.capacity(), into.remaining())));
            received = NO_BYTES;
            int count = in.hasRemaining() ? wire.read(in) : 0;
            int before = into.position();
            decrypt(in.flip(), into);
            received = remainder(in, early, taken);
            int made = into.position() - before;
            // Without a close_notify before, the end may be a cut; whether a message is whole, HTTP itself knows.
            inputEnded |= count < 0;
            endTold = made == 0 && inputEnded;
            return endTold ? -1 : made;
        } catch (SSLException e) {
            owes = true; // the alert
            throw e;
        } finally {
            RecordBuffers.giveBack(buffers);
        }
    }

    @Override
    public int mostBytesAtOnce() {
        return RecordHeader.MAX_RECORD_BYTES;
    }

    private static byte[] remainder(ByteBuffer bytes) {
        return remainder(bytes, NO_BYTES, 0);
    }

    /** What remains in the buffer, and in the array behind it from an index on. */
    private static byte[] remainder(ByteBuffer bytes, byte[] more, int from) {
        int first = bytes.remaining();
        int second = more.length - from;
        if (first + second == 0) {
            return NO_BYTES;
        }
        byte[] rest = new byte[first + second];
        bytes.get(rest, 0, first);
        System.arraycopy(more, from, rest, first, second);
        return rest;
    }

    private void decrypt(ByteBuffer in, ByteBuffer into) throws SSLException {
        while (!inputEnded) {
            int length = RecordHeader.recordBytes(in);
            if (length < 0 || in.remaining() < length || into.remaining() < length) {
                return;
            }
            stray.judge(RecordHeader.type(in), engine.getSession().getProtocol());
            SSLEngineResult result = engine.unwrap(in, into);
            if (result.bytesProduced() > RecordHeader.MAX_PLAINTEXT_BYTES) {
                throw new SSLException("A record with more than 2^14 bytes (RFC 8446 section 5.1)");
            }
            stray.count(result.bytesProduced());
            if (result.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                owes = true;
            }
            if (result.getStatus() == Status.CLOSED) {
                inputEnded = true;
            } else if (result.getStatus() != Status.OK || result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                throw new SSLException("The client begins another handshake");
            }
        }
    }

    /**
     * After a read there is a part of a record at most, or the client's close_notify that came with its last data; before
     * the first one, what came behind the handshake.
     */
    @Override
    public boolean hasInput() {
        return inputEnded ? !endTold : received.length >= RecordHeader.BYTES && isWhole();
    }

    private boolean isWhole() {
        int length = (received[3] & 0xFF) << 8 | (received[4] & 0xFF);
        return received.length >= RecordHeader.BYTES + length || length > RecordHeader.MAX_RECORD_BYTES;
    }

    @Override
    public boolean wantsFlush() {
        return owes;
    }

    // ---- output

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        if (!sendHeld()) {
            return 0;
        }
        RecordBuffers buffers = RecordBuffers.borrow();
        try {
            int count = encrypt(bytes, buffers.made.clear());
            send(buffers);
            return count;
        } finally {
            RecordBuffers.giveBack(buffers);
        }
    }

    @Override
    public int write(byte[] bytes, int offset, int length, ByteBuffer unused) throws IOException {
        return write(ByteBuffer.wrap(bytes, offset, length));
    }

    @Override
    public long write(ByteBuffer first, ByteBuffer second) throws IOException {
        if (!sendHeld()) {
            return 0;
        }
        RecordBuffers buffers = RecordBuffers.borrow();
        try {
            ByteBuffer made = buffers.made.clear();
            long count = encrypt(first, made);
            if (!first.hasRemaining()) {
                count += encrypt(second, made);
            }
            send(buffers);
            return count;
        } finally {
            RecordBuffers.giveBack(buffers);
        }
    }

    /** A piece of the file is read and encrypted; for the kernel alone it cannot be sent. */
    @Override
    public boolean copies() {
        return true;
    }

    @Override
    public long transfer(FileChannel file, long position, long count) throws IOException {
        if (!sendHeld()) {
            return 0;
        }
        RecordBuffers buffers = RecordBuffers.borrow();
        try {
            ByteBuffer piece = buffers.received.clear();
            piece.limit((int) Math.min(4 * RecordHeader.MAX_PLAINTEXT_BYTES, Math.min(piece.capacity(), count)));
            if (file.read(piece, position) <= 0) {
                return 0;
            }
            int sent = encrypt(piece.flip(), buffers.made.clear());
            send(buffers);
            return sent;
        } finally {
            RecordBuffers.giveBack(buffers);
        }
    }

    /** Makes records of as much as there is room for; how many bytes that were. */
    private int encrypt(ByteBuffer bytes, ByteBuffer made) throws IOException {
        int from = bytes.position();
        int end = bytes.limit();
        while (bytes.position() < end && made.remaining() >= RecordHeader.MAX_RECORD_BYTES) {
            int most = records < FIRST_RECORDS ? FIRST_RECORD_BYTES : RecordHeader.MAX_PLAINTEXT_BYTES;
            bytes.limit(Math.min(end, bytes.position() + most));
            try {
                wrap(bytes, made);
            } finally {
                bytes.limit(end);
            }
        }
        return bytes.position() - from;
    }

    private void wrap(ByteBuffer bytes, ByteBuffer made) throws IOException {
        SSLEngineResult result = engine.wrap(bytes, made);
        if (records < FIRST_RECORDS) {
            records++;
        }
        if (result.getStatus() == Status.CLOSED) {
            // In TLS 1.2 the client's close_notify ends our side, too (RFC 5246 section 7.2.1).
            throw new IOException("The client has ended the TLS connection");
        }
        if (result.getStatus() != Status.OK || (result.bytesConsumed() == 0 && result.bytesProduced() == 0)) {
            // It makes no progress if the client has begun another handshake: its task is never run.
            throw new SSLException(
                    "The engine does not encrypt: " + result.getStatus() + ", " + result.getHandshakeStatus());
        }
    }

    private void send(RecordBuffers buffers) throws IOException {
        ByteBuffer made = buffers.made.flip();
        if (!made.hasRemaining()) {
            return;
        }
        ByteBuffer out = buffers.direct.clear().put(made).flip();
        int sent = wire.write(out);
        if (out.hasRemaining()) {
            unsent = remainder(made.position(sent));
            unsentFrom = 0;
        }
    }

    private boolean sendHeld() throws IOException {
        if (unsentFrom < unsent.length) {
            unsentFrom += wire.write(ByteBuffer.wrap(unsent, unsentFrom, unsent.length - unsentFrom));
            if (unsentFrom < unsent.length) {
                return false;
            }
            unsent = NO_BYTES;
            unsentFrom = 0;
        }
        return true;
    }

    @Override
    public boolean flush() throws IOException {
        if (!sendHeld()) {
            return false;
        }
        if (owes) {
            owes = false; // first: what the loop adds meanwhile comes in another turn
            return sayWhatIsOwed();
        }
        return true;
    }

    private boolean sayWhatIsOwed() throws IOException {
        RecordBuffers buffers = RecordBuffers.borrow();
        try {
            ByteBuffer made = buffers.made.clear();
            while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                    && made.remaining() >= RecordHeader.MAX_RECORD_BYTES) {
                SSLEngineResult result = engine.wrap(NOTHING, made);
                if (result.bytesProduced() == 0 || result.getStatus() != Status.OK) {
                    break;
                }
            }
            send(buffers);
            return unsentFrom == unsent.length;
        } finally {
            RecordBuffers.giveBack(buffers);
        }
    }

    @Override
    public long heldChange() {
        int change = unsent.length - unsentFrom - unsentTold;
        unsentTold += change;
        return change;
    }

    @Override
    public void discard() {
        unsent = NO_BYTES;
        unsentFrom = 0;
    }

    /** Says close_notify, or the alert that a failure has led to (RFC 8446 section 6.1). */
    @Override
    public boolean farewell() throws IOException {
        engine.closeOutbound();
        owes = true;
        return flush();
    }

    @Override
    public boolean shutdownOutput() throws IOException {
        return farewell() && wire.shutdownOutput();
    }

    // ---- the rest is the socket's

    @Override
    public void limitSystemBuffer(int bytes) {
        wire.limitSystemBuffer(bytes);
    }

    @Override
    public void interest(boolean reading, boolean writing) {
        wire.interest(reading, writing);
    }

    @Override
    public void cut() {
        wire.cut();
    }

    @Override
    public void close() throws IOException {
        wire.close();
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return wire.localAddress();
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return wire.remoteAddress();
    }
}
