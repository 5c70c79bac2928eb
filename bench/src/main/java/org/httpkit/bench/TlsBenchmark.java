package org.httpkit.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.net.Transport;
import org.httpkit.internal.tls.Handshake;
import org.httpkit.internal.tls.TlsContext;
import org.httpkit.server.Tls;
import org.httpkit.testkit.TestCertificate;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The TLS layer in memory beside a bare engine of the JDK: writing, reading, and handshakes. A client's engine encrypts
 * what is read, and takes part in the handshakes, so both sides of these comparisons include its time; {@link
 * #clientEncrypts} is that of reading.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@SuppressWarnings("NullAway.Init") // JMH calls the setup first
public class TlsBenchmark {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int RECORD_BYTES = 17 * 1024;

    /** Bytes that are written or read at once. */
    @Param({"1024", "16384", "1048576"})
    int bytes = 1024;

    private SSLContext clients;
    private SSLContext servers;
    private TlsContext layers;

    private ByteBuffer content;
    private Transport layer;
    private Wire wire;
    private SSLEngine layersClient;
    private SSLEngine bare;
    private SSLEngine baresClient;
    private final ByteBuffer records = ByteBuffer.allocate(2 << 20);
    private final ByteBuffer answers = ByteBuffer.allocate(64 * 1024);
    private final ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES);
    private final ByteBuffer plain = ByteBuffer.allocate(64 * 1024);

    @Setup(Level.Trial)
    public void load() throws Exception {
        TestCertificate certificate = TestCertificate.localhost();
        clients = TestCertificate.trusting(certificate);
        servers = certificate.shownToThoseWith();
        layers = TlsContext.load(Tls.context(servers));
        content = ByteBuffer.allocate(bytes);
        wire = new Wire();
        layersClient = client();
        layer = shake(layersClient, layers.begin(List.of())).wrap(wire);
        bare = server();
        baresClient = client();
        shake(baresClient, bare);
    }

    private SSLEngine client() throws SSLException {
        SSLEngine engine = clients.createSSLEngine();
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {"TLSv1.3"});
        engine.beginHandshake();
        return engine;
    }

    private SSLEngine server() throws SSLException {
        SSLEngine engine = servers.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setEnabledProtocols(new String[] {"TLSv1.3"});
        engine.beginHandshake();
        return engine;
    }

    // ---- handshakes

    @Benchmark
    public Object handshakeByLayer() throws IOException {
        return shake(client(), layers.begin(List.of()));
    }

    @Benchmark
    public Object handshakeBare() throws IOException {
        SSLEngine engine = server();
        shake(client(), engine);
        return engine;
    }

    private Handshake shake(SSLEngine client, Handshake server) throws SSLException {
        ByteQueue out = new ByteQueue(4096);
        Handshake.Step step = Handshake.Step.NEED_INPUT;
        while (step != Handshake.Step.DONE || isShaking(client)) {
            talk(client, ByteBuffer.wrap(out.array(), 0, out.length()), records.clear());
            out.clear();
            step = server.advance(records.flip(), out);
            while (step == Handshake.Step.NEED_TASK) {
                server.runTasks();
                step = server.advance(NOTHING, out);
            }
        }
        talk(client, ByteBuffer.wrap(out.array(), 0, out.length()), records.clear());
        return server;
    }

    private void shake(SSLEngine client, SSLEngine server) throws SSLException {
        records.clear().flip();
        while (isShaking(client) || isShaking(server)) {
            talk(client, records, answers.clear());
            talk(server, answers.flip(), records.clear());
            records.flip();
        }
        talk(client, records, answers.clear());
    }

    private static boolean isShaking(SSLEngine engine) {
        return engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING;
    }

    /** Passes all of the input to the engine, and takes what the engine says meanwhile. */
    private void talk(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> engine.getDelegatedTask().run();
                case NEED_WRAP -> engine.wrap(NOTHING, out);
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN, FINISHED, NOT_HANDSHAKING -> {
                    if (!in.hasRemaining()) {
                        return;
                    }
                    engine.unwrap(in, plain.clear());
                }
            }
        }
    }

    // ---- data

    @Benchmark
    public long writeByLayer() throws IOException {
        content.clear();
        while (content.hasRemaining()) {
            layer.write(content);
        }
        return wire.taken;
    }

    @Benchmark
    public int writeBare() throws IOException {
        content.clear();
        int count = 0;
        while (content.hasRemaining()) {
            bare.wrap(content, record.clear());
            count += record.position();
        }
        return count;
    }

    @Benchmark
    public int readByLayer() throws IOException {
        wire.input = encrypted(layersClient);
        int count = 0;
        while (count < bytes) {
            count += layer.read(plain.clear());
        }
        return count;
    }

    @Benchmark
    public int readBare() throws IOException {
        ByteBuffer from = encrypted(baresClient);
        int count = 0;
        while (count < bytes) {
            bare.unwrap(from, plain.clear());
            count += plain.position();
        }
        return count;
    }

    @Benchmark
    public ByteBuffer clientEncrypts() throws IOException {
        return encrypted(baresClient);
    }

    private ByteBuffer encrypted(SSLEngine client) throws SSLException {
        content.clear();
        records.clear();
        while (content.hasRemaining()) {
            client.wrap(content, records);
        }
        return records.flip();
    }

    /** A socket that has what was put into it, and takes everything. */
    private static final class Wire implements Transport {
        ByteBuffer input = NOTHING;
        long taken;

        @Override
        public int read(ByteBuffer into) {
            int count = Math.min(into.remaining(), input.remaining());
            into.put(into.position(), input, input.position(), count).position(into.position() + count);
            input.position(input.position() + count);
            return count;
        }

        @Override
        public int write(ByteBuffer bytes) {
            int count = bytes.remaining();
            bytes.position(bytes.limit());
            taken += count;
            return count;
        }

        @Override
        public long write(ByteBuffer first, ByteBuffer second) {
            return (long) write(first) + write(second);
        }

        @Override
        public long transfer(FileChannel file, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void limitSystemBuffer(int bytes) {}

        @Override
        public boolean shutdownOutput() {
            return true;
        }

        @Override
        public void interest(boolean reading, boolean writing) {}

        @Override
        public void close() {}

        @Override
        public SocketAddress localAddress() {
            return new InetSocketAddress(0);
        }

        @Override
        public SocketAddress remoteAddress() {
            return new InetSocketAddress(0);
        }
    }
}
