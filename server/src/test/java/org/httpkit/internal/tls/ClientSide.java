package org.httpkit.internal.tls;

import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.httpkit.internal.bytes.ByteQueue;

/** A client's engine in memory. */
public final class ClientSide {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SSLEngine engine;
    private final ByteQueue received = new ByteQueue(1024);
    private final ByteQueue plain = new ByteQueue(1024);

    public ClientSide(String protocol) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Credulous()}, null);
        engine = context.createSSLEngine();
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {protocol});
        engine.beginHandshake();
    }

    /** Whether the handshake is over as far as the client sees. */
    public boolean isDone() {
        return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
    }

    public boolean isEnded() {
        return engine.isInboundDone();
    }

    /** Takes what the server has sent. */
    public void receive(byte[] records) throws SSLException {
        received.append(records);
        ByteBuffer in = ByteBuffer.wrap(received.toByteArray());
        ByteBuffer out = ByteBuffer.allocate(64 * 1024);
        while (in.hasRemaining()) {
            SSLEngineResult result = engine.unwrap(in, out.clear());
            plain.append(out.array(), 0, out.position());
            runTasks();
            if (result.getStatus() != SSLEngineResult.Status.OK) {
                break;
            }
            if (result.bytesConsumed() == 0 && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                break;
            }
        }
        byte[] rest = new byte[in.remaining()];
        in.get(rest);
        received.clear();
        received.append(rest);
    }

    /** What it sends without being asked. */
    public byte[] say() throws SSLException {
        ByteQueue said = new ByteQueue(1024);
        ByteBuffer out = ByteBuffer.allocate(64 * 1024);
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            SSLEngineResult result = engine.wrap(NOTHING, out.clear());
            said.append(out.array(), 0, out.position());
            runTasks();
            if (result.getStatus() != SSLEngineResult.Status.OK) {
                break;
            }
        }
        return said.toByteArray();
    }

    /** What it has to say until it is done, after the server has said everything. */
    public byte[] finish() throws SSLException {
        ByteQueue said = new ByteQueue(1024);
        for (int i = 0; i < 4 && !isDone(); i++) {
            said.append(say());
            receive(new byte[0]);
        }
        return said.toByteArray();
    }

    /** Records with these bytes, which may be none. */
    public byte[] encrypt(byte[] bytes) throws SSLException {
        ByteQueue records = new ByteQueue(1024);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        ByteBuffer out = ByteBuffer.allocate(64 * 1024);
        do {
            SSLEngineResult result = engine.wrap(in, out.clear());
            records.append(out.array(), 0, out.position());
            if (result.bytesConsumed() == 0 && in.hasRemaining()) {
                throw new SSLException("The client cannot send data now: " + result);
            }
        } while (in.hasRemaining());
        return records.toByteArray();
    }

    /** In TLS 1.3 new keys (RFC 8446 section 4.6.3), in TLS 1.2 another handshake. */
    public byte[] startOver() throws SSLException {
        engine.beginHandshake();
        return say();
    }

    public byte[] sayEnd() throws SSLException {
        engine.closeOutbound();
        return say();
    }

    /** What was decrypted so far. */
    public byte[] plain() {
        return plain.toByteArray();
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    /** Who is on the other side does not matter here. */
    private static final class Credulous implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
