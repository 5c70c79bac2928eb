package org.httpkit.tests;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** A real nginx that runs with the sample configuration. */
final class BehindNginx implements AutoCloseable {
    final int port;
    final int tlsPort;
    private final Daemon daemon;

    private BehindNginx(int port, int tlsPort, Daemon daemon) {
        this.port = port;
        this.tlsPort = tlsPort;
        this.daemon = daemon;
    }

    /**
     * Skips the test if there is no nginx.
     *
     * @param servers the directives that name the servers behind it
     */
    static BehindNginx start(Path folder, Certificate certificate, String servers, UnaryOperator<Sample> change)
            throws IOException, InterruptedException {
        String nginx = Daemon.installed("nginx");
        int port = Daemon.freePort();
        int tlsPort = Daemon.freePort();
        Sample sample = Sample.of("nginx.conf")
                .with("user www-data;", System.getProperty("user.name").equals("root") ? "user root;" : "")
                .with("/run/nginx.pid", folder.resolve("nginx.pid").toString())
                .with("/var/log/nginx/error.log", "stderr")
                .with("/etc/nginx/site.pem", certificate.writtenTo(folder).toString())
                .with("listen 80;", "listen 127.0.0.1:" + port + ";")
                .with("listen 443 ", "listen 127.0.0.1:" + tlsPort + " ")
                .with("server 127.0.0.1:8090;", servers);
        for (String kind : new String[] {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
            sample = sample.with("http {", "http { " + kind + "_temp_path " + folder.resolve(kind) + ";");
        }
        Path config = change.apply(sample).writtenTo(folder);
        Daemon daemon =
                Daemon.start(folder, nginx, "-p", folder.toString(), "-c", config.toString(), "-g", "daemon off;");
        BehindNginx started = new BehindNginx(port, tlsPort, daemon);
        try {
            daemon.awaitPort(port).awaitPort(tlsPort);
        } catch (AssertionError e) {
            started.close();
            throw e;
        }
        return started;
    }

    @Override
    public void close() {
        daemon.close();
    }
}
