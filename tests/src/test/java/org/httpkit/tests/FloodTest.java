package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Thousands of connections with 33 KB of a body that never ends, which were enough to end a server with a heap of 256 MB: now it holds no
 * more than it means to, and serves others as quickly as before. {@code -Dhttpkit.long=true} takes 8000 connections and 256 MB, else 2000
 * and 64 MB.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@Tag("long")
final class FloodTest {
    private static final boolean LONG = Boolean.getBoolean("httpkit.long");
    private static final int CONNECTIONS = LONG ? 8000 : 2000;
    private static final int HEAP_MB = LONG ? 256 : 64;
    private static final int BODY_BYTES = 33_000;
    /** What a server takes without a client, and with thousands of connections that hold nothing any more. */
    private static final int REST_MB = 24;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @TempDir
    private Path folder;

    private Process process;
    private BufferedReader output;
    private OutputStream input;
    private int port;

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        if (process != null) {
            input.close();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    private void startServer() throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + HEAP_MB + "m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FloodedServer.class.getName())
                .redirectError(errors().toFile())
                .start();
        output = process.inputReader(StandardCharsets.US_ASCII);
        input = process.getOutputStream();
        String line;
        do { // the JVM itself may have something to say first
            line = output.readLine();
        } while (line != null && !line.matches("[0-9]+"));
        assertThat(line).as("the port").isNotNull();
        port = Integer.parseInt(line);
    }

    private Path errors() {
        return folder.resolve("errors");
    }

    /** The server's log, for a test that fails. */
    private String log() {
        try {
            return Files.readString(errors());
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** KiB of live heap, connections, how many were shed, failures of the server's own. */
    private long[] figures() throws IOException {
        input.write('?');
        input.flush();
        String[] words = output.readLine().split(" ");
        return Stream.of(words).mapToLong(Long::parseLong).toArray();
    }

    private void attack(int number, int addresses) throws IOException {
        attack(
                number,
                addresses,
                ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n" + "x".repeat(BODY_BYTES))
                        .getBytes(StandardCharsets.US_ASCII));
    }

    private void attack(int number, int addresses, byte[] sent) throws IOException {
        SocketChannel attacker = SocketChannel.open();
        opened.add(attacker);
        attacker.bind(new InetSocketAddress(
                InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) (2 + number % addresses)}), 0));
        attacker.connect(new InetSocketAddress("127.0.0.1", port));
        try {
            attacker.write(ByteBuffer.wrap(sent));
        } catch (IOException e) {
            // It was sent away already.
        }
    }

    /** A client that sends all that it has to send. */
    private final class Normal {
        private final Socket socket = new Socket();
        private final byte[] some = new byte[1000];
        final List<Long> micros = new ArrayList<>();

        Normal() throws IOException {
            opened.add(socket);
            socket.bind(new InetSocketAddress("127.0.0.200", 0));
            socket.connect(new InetSocketAddress("127.0.0.1", port));
            socket.setSoTimeout(20_000);
            socket.setTcpNoDelay(true);
        }

        void ask(int bodyBytes) throws IOException {
            String request =
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + bodyBytes + "\r\n\r\n" + "y".repeat(bodyBytes);
            long begun = System.nanoTime();
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            String wanted = "got " + bodyBytes;
            String got = "";
            while (!got.endsWith(wanted)) {
                int count = in.read(some);
                if (count < 0) {
                    throw new EOFException("The server ended the connection after '" + got + "'; its log: " + log());
                }
                got += new String(some, 0, count, StandardCharsets.ISO_8859_1);
            }
            assertThat(got).startsWith("HTTP/1.1 200");
            micros.add((System.nanoTime() - begun) / 1000);
        }

        long percentile(int percent) {
            List<Long> sorted = micros.stream().sorted().toList();
            return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
        }
    }

    @Test
    void oneAddressHoldsAnEighthOfTheHeapAtMost() throws Exception {
        verifyFlood(1, HEAP_MB / 8);
    }

    @Test
    void manyAddressesHoldAQuarterOfTheHeapAtMost() throws Exception {
        verifyFlood(50, HEAP_MB / 4);
    }

    /** 4 KB that become 4 MB, of a message that does not end. */
    private static byte[] bomb() {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(new byte[8_000_000]);
        byte[] compressed = new byte[3900];
        assertThat(deflater.deflate(compressed, 0, compressed.length, Deflater.SYNC_FLUSH))
                .isEqualTo(compressed.length);
        deflater.end();
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        sent.writeBytes(RawWebSocket.handshake("/ws", "Sec-WebSocket-Extensions: permessage-deflate")
                .getBytes(StandardCharsets.US_ASCII));
        sent.writeBytes(RawWebSocket.masked(false, RawWebSocket.RSV1, RawWebSocket.BINARY, compressed, 0));
        return sent.toByteArray();
    }

    /**
     * What is being inflated cannot be freed at once, so it must not be begun if there is no room. How much heap is live cannot be told
     * while so many arrays come and go; but if it were too much, the server would run out of it.
     */
    @Test
    void messagesThatInflateDoNotTakeTheHeap() throws Exception {
        startServer();
        byte[] bomb = bomb();
        Normal meanwhile = new Normal();
        for (int i = 0; i < CONNECTIONS / 4; i++) {
            attack(i, 50, bomb);
            if (i % 10 == 0) {
                meanwhile.ask(10);
            }
        }
        for (int i = 0; i < 100; i++) {
            meanwhile.ask(10);
        }
        long[] atTheEnd = figures();
        System.out.println(CONNECTIONS / 4 + " messages of 4 KB that inflate to 4 MB, -Xmx" + HEAP_MB + "m: "
                + atTheEnd[2] + " sent away; another client's p99 " + meanwhile.percentile(99) + " us");
        assertThat(atTheEnd[3]).as("failures for want of memory").isZero();
        assertThat(atTheEnd[2]).as("sent away").isPositive();
    }

    private void verifyFlood(int addresses, int allowedMb) throws Exception {
        startServer();
        Normal before = new Normal();
        for (int i = 0; i < 2000; i++) {
            before.ask(i % 10 == 0 ? 100_000 : 10);
        }
        long base = figures()[0];
        Normal meanwhile = new Normal();
        long most = 0;
        for (int i = 0; i < CONNECTIONS; i++) {
            attack(i, addresses);
            meanwhile.ask(i % 10 == 0 ? 100_000 : 10);
            if (i % (CONNECTIONS / 10) == 0) {
                most = Math.max(most, figures()[0]);
            }
        }
        long[] atTheEnd = figures();
        most = Math.max(most, atTheEnd[0]);
        System.out.println(CONNECTIONS + " connections of " + addresses + " address(es), -Xmx" + HEAP_MB
                + "m: live heap "
                + base / 1024 + " MiB before, " + most / 1024 + " MiB at most; " + atTheEnd[1] + " connections open, "
                + atTheEnd[2] + " sent away; others' p50 and p99 " + before.percentile(50) + " and "
                + before.percentile(99)
                + " us before, " + meanwhile.percentile(50) + " and " + meanwhile.percentile(99) + " us meanwhile, "
                + meanwhile.percentile(100) + " us at most");
        assertThat(atTheEnd[2]).as("sent away").isGreaterThan(CONNECTIONS / 2);
        assertThat(most / 1024).as("MiB of live heap").isLessThan(base / 1024 + allowedMb + REST_MB);
    }
}
