package org.httpkit.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.httpkit.testkit.TestCertificate;
import org.httpkit.topics.Backplane;
import org.httpkit.topics.nats.NatsBackplane;
import org.httpkit.topics.redis.RedisBackplane;

/** A real broker of messages, which a test stops, kills and robs of its memory. */
final class Broker implements AutoCloseable {
    /** The brokers that there are backplanes for. */
    enum Kind {
        REDIS,
        NATS
    }

    private final Path folder;
    private final int port;
    private final BiFunction<Path, Integer, List<String>> command;
    private final Backplane backplane;
    private Daemon daemon;

    private Broker(Path folder, int port, BiFunction<Path, Integer, List<String>> command, Backplane backplane)
            throws IOException, InterruptedException {
        this.folder = folder;
        this.port = port;
        this.command = command;
        this.backplane = backplane;
        this.daemon = run();
    }

    /**
     * Starts one; skips the test if it is not installed.
     *
     * @param keep how many records it keeps, roughly
     */
    static Broker start(Kind kind, Path folder, int keep) throws IOException, InterruptedException {
        int port = Daemon.freePort();
        return switch (kind) {
            case REDIS -> {
                String program = Daemon.installed("redis-server");
                yield new Broker(
                        folder,
                        port,
                        (data, at) -> List.of(
                                program,
                                "--bind",
                                "127.0.0.1",
                                "--port",
                                at.toString(),
                                "--dir",
                                data.toString(),
                                "--save",
                                "",
                                "--appendonly",
                                "yes",
                                "--appendfsync",
                                "always"),
                        RedisBackplane.connect("redis://127.0.0.1:" + port).keep(keep));
            }
            case NATS -> {
                String program = Daemon.installed("nats-server");
                yield new Broker(
                        folder,
                        port,
                        (data, at) ->
                                List.of(program, "-a", "127.0.0.1", "-p", at.toString(), "-js", "-sd", data.toString()),
                        NatsBackplane.connect("nats://127.0.0.1:" + port).keep(keep));
            }
        };
    }

    /** Starts one that shows this certificate, as localhost. */
    static Broker startSecure(Kind kind, Path folder, TestCertificate shown) throws IOException, InterruptedException {
        int port = Daemon.freePort();
        String chain = shown.chain().toString();
        String key = shown.key().toString();
        return switch (kind) {
            case REDIS -> {
                String program = Daemon.installed("redis-server");
                yield new Broker(
                        folder,
                        port,
                        (data, at) -> List.of(
                                program,
                                "--bind",
                                "127.0.0.1",
                                "--port",
                                "0",
                                "--tls-port",
                                at.toString(),
                                "--tls-cert-file",
                                chain,
                                "--tls-key-file",
                                key,
                                "--tls-ca-cert-file",
                                chain,
                                "--tls-auth-clients",
                                "no",
                                "--dir",
                                data.toString(),
                                "--save",
                                ""),
                        RedisBackplane.connect("rediss://localhost:" + port));
            }
            case NATS -> {
                String program = Daemon.installed("nats-server");
                yield new Broker(
                        folder,
                        port,
                        (data, at) -> List.of(
                                program,
                                "-a",
                                "127.0.0.1",
                                "-p",
                                at.toString(),
                                "-js",
                                "-sd",
                                data.toString(),
                                "--tls",
                                "--tlscert",
                                chain,
                                "--tlskey",
                                key),
                        NatsBackplane.connect("tls://localhost:" + port));
            }
        };
    }

    /** What topics are built with. */
    Backplane backplane() {
        return backplane;
    }

    /** Another log, which is empty until something is written to it. */
    Backplane another(String name) {
        return backplane instanceof RedisBackplane redis ? redis.key(name) : ((NatsBackplane) backplane).stream(name);
    }

    /** Where other processes find it. */
    String address() {
        return (backplane instanceof RedisBackplane ? "redis" : "nats") + "://127.0.0.1:" + port;
    }

    private Path data() {
        return folder.resolve("broker");
    }

    private Daemon run() throws IOException, InterruptedException {
        Files.createDirectories(data());
        Daemon started = Daemon.start(folder, command.apply(data(), port).toArray(String[]::new));
        try {
            return started.awaitPort(port);
        } catch (AssertionError e) {
            started.close();
            throw e;
        }
    }

    /** It crashes. */
    void kill() throws InterruptedException {
        daemon.kill();
    }

    /** It comes back, with what it had written. */
    void restart() throws IOException, InterruptedException {
        daemon = run();
    }

    /** It crashes, and its disk is gone. */
    void killAndWipe() throws IOException, InterruptedException {
        daemon.kill();
        try (Stream<Path> files = Files.walk(data())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** It hangs: connections stay, and nothing is answered. */
    void pause() throws IOException, InterruptedException {
        daemon.signal("STOP");
    }

    /** It goes on. */
    void resume() throws IOException, InterruptedException {
        daemon.signal("CONT");
    }

    @Override
    public void close() {
        daemon.close();
    }
}
