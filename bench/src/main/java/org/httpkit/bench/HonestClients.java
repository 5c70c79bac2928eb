package org.httpkit.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawHttp2;

/**
 * Clients that each send a small request at a constant rate, half of them over HTTP/1.1 and half over HTTP/2. The time of a request counts
 * from when it was due, unless the client itself woke too late for that.
 */
final class HonestClients {
    private static final long LONGEST_NANOS = 60_000_000_000L;
    private static final String GET = "GET / HTTP/1.1\r\nHost: bench\r\n\r\n";

    /** A connection. */
    private interface Client {
        void ask() throws IOException;
    }

    private final int port;
    private final long intervalNanos;
    private final Histogram latencyNanos = new Histogram(LONGEST_NANOS, 3);
    private final AtomicInteger failures = new AtomicInteger();

    private HonestClients(int port, double perSecond) {
        this.port = port;
        intervalNanos = (long) (1e9 / perSecond);
    }

    /**
     * Runs them.
     *
     * @param perSecond the rate of each client
     */
    static HonestClients run(int port, int clients, double perSecond, double seconds) throws InterruptedException {
        HonestClients all = new HonestClients(port, perSecond);
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            boolean http2 = i % 2 == 0;
            long first = start + all.intervalNanos * i / clients;
            Thread thread = new Thread(() -> all.askUntil(http2, first, end), "honest-" + i);
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return all;
    }

    double millis(double percentile) {
        return latencyNanos.getValueAtPercentile(percentile) / 1e6;
    }

    long answers() {
        return latencyNanos.getTotalCount();
    }

    /** How often a connection or a request failed. */
    int failures() {
        return failures.get();
    }

    private void askUntil(boolean http2, long first, long end) {
        long due = first;
        while (due < end) {
            try (RawClient socket = RawClient.connect(port)) {
                Client client = http2 ? http2(socket) : () -> socket.send(GET).read();
                client.ask(); // the first one pays for the connection
                for (long free = System.nanoTime(); due < end; due += intervalNanos, free = System.nanoTime()) {
                    boolean waited = free < due;
                    if (waited) {
                        sleepUntil(due);
                    }
                    long from = waited ? System.nanoTime() : due;
                    client.ask();
                    record(System.nanoTime() - from);
                }
            } catch (IOException e) {
                failures.incrementAndGet();
                due += intervalNanos;
            }
        }
    }

    private static Client http2(RawClient socket) throws IOException {
        RawHttp2 client = RawHttp2.over(socket).greet();
        return () -> client.await(client.get("/"));
    }

    private static void sleepUntil(long nanos) {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private synchronized void record(long nanos) {
        latencyNanos.recordValue(Math.min(nanos, LONGEST_NANOS));
    }
}
