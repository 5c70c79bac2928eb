package org.httpkit.tests;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** A real HAProxy that runs with the sample configuration. */
final class BehindHaproxy implements AutoCloseable {
    final int port;
    final int tlsPort;
    private final Path admin;
    private final Daemon daemon;

    private BehindHaproxy(int port, int tlsPort, Path admin, Daemon daemon) {
        this.port = port;
        this.tlsPort = tlsPort;
        this.admin = admin;
        this.daemon = daemon;
    }

    /**
     * Skips the test if there is no HAProxy.
     *
     * @param portA of the server a
     * @param portB of the server b; 0 for a configuration without it
     */
    static BehindHaproxy start(Path folder, Certificate certificate, int portA, int portB, UnaryOperator<Sample> change)
            throws IOException, InterruptedException {
        String haproxy = Daemon.installed("haproxy");
        int port = Daemon.freePort();
        int tlsPort = Daemon.freePort();
        Path admin = folder.resolve("admin.sock");
        Sample sample = Sample.of("haproxy.cfg")
                .with("/run/haproxy/admin.sock", admin.toString())
                .with("/etc/haproxy/site.pem", certificate.writtenTo(folder).toString())
                .with("maxconn 20000", "maxconn 100")
                .with("bind :80", "bind 127.0.0.1:" + port)
                .with("bind :443 ", "bind 127.0.0.1:" + tlsPort + " ")
                .with("127.0.0.1:8091", "127.0.0.1:" + portA);
        sample = portB == 0
                ? sample.with("server b 127.0.0.1:8092", "")
                : sample.with("127.0.0.1:8092", "127.0.0.1:" + portB);
        Path config = change.apply(sample).writtenTo(folder);
        Daemon daemon = Daemon.start(folder, haproxy, "-db", "-f", config.toString());
        BehindHaproxy started = new BehindHaproxy(port, tlsPort, admin, daemon);
        try {
            daemon.awaitPort(port).awaitPort(tlsPort);
        } catch (AssertionError e) {
            started.close();
            throw e;
        }
        return started;
    }

    /** Whether requests go to that server of the backend. */
    boolean isUp(String server) throws IOException {
        String line = command("show stat")
                .lines()
                .filter(each -> each.startsWith("app," + server + ","))
                .findFirst()
                .orElseThrow();
        return line.split(",", -1)[17].startsWith("UP");
    }

    private String command(String command) throws IOException {
        try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.connect(UnixDomainSocketAddress.of(admin));
            socket.write(ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.US_ASCII)));
            return new String(Channels.newInputStream(socket).readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Override
    public void close() {
        daemon.close();
    }
}
