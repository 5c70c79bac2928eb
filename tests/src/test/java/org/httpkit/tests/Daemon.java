package org.httpkit.tests;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A program that others made, running until it is closed. What it prints is kept for the message of a test that fails. */
final class Daemon implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int FIRST_PORT = 10_000;
    /** Linux gives ports from 32768 on, others from higher ones. */
    private static final int LAST_PORT = 32_767;

    private final Process process;
    private final Path output;

    private Daemon(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Where the program is; skips the test if it is not installed. */
    static String installed(String name) {
        String folders = System.getenv("PATH") + File.pathSeparator + "/usr/sbin";
        List<Path> found = Stream.of(folders.split(File.pathSeparator))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .toList();
        Assumptions.assumeFalse(found.isEmpty(), name + " is not installed");
        return found.get(0).toString();
    }

    /** @param folder for what it prints */
    static Daemon start(Path folder, String... command) throws IOException {
        Path output = Files.createTempFile(folder, "output", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        process.getOutputStream().close();
        return new Daemon(process, output);
    }

    /** Waits until it answers on that port of the loopback address. */
    Daemon awaitPort(int port) throws IOException, InterruptedException {
        long untilNanos = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (Socket probe = new Socket()) {
                probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) PATIENCE.toMillis());
                return this;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > untilNanos) {
                    throw new AssertionError("It does not listen on port " + port + ": " + printed(), e);
                }
                process.waitFor(20, TimeUnit.MILLISECONDS);
            }
        }
    }

    /** Waits for its end by itself, which has to be a success. */
    String awaitEnd() throws IOException, InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new AssertionError("It did not end as it should: " + printed());
        }
        return printed();
    }

    /** Ends it as a crash does: it gets to do nothing any more. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("It survives SIGKILL");
        }
    }

    /** Sends it a signal: STOP, CONT. */
    void signal(String name) throws IOException, InterruptedException {
        Process sender = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start();
        if (sender.waitFor() != 0) {
            throw new AssertionError("SIG" + name + " was not sent");
        }
    }

    private String printed() throws IOException {
        return Files.readString(output);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }

    /**
     * A port that was free a moment ago, for programs that cannot tell which one they have picked. It is none of those that systems
     * give to a program that asks for any port, as other tests do meanwhile.
     */
    static int freePort() throws IOException {
        IOException taken = new IOException("No port is free");
        for (int i = 0; i < 100; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
            try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return probe.getLocalPort();
            } catch (IOException e) {
                taken.addSuppressed(e);
            }
        }
        throw taken;
    }
}
