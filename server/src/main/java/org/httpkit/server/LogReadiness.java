package org.httpkit.server;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Loads what logging needs while there are file descriptors, above all the JDK's table of time zones. When none is
 * left, loading fails, and for good: the log would never say why the server accepts no connections. Safe from any
 * thread.
 *
 * <p>Loading takes longer than the rest of a server's start, so it is done a second later, or when accepting fails
 * before that. Until then it holds some descriptors in reserve.
 */
final class LogReadiness implements Runnable {
    private static final int RESERVE = 8;

    // Guarded by the class.
    private static final ArrayDeque<SocketChannel> RESERVED = new ArrayDeque<>(RESERVE);
    private static boolean ready;

    private final SocketAddress address;
    private final long startMillis = System.currentTimeMillis();

    private LogReadiness(SocketAddress address) {
        this.address = address;
    }

    /** Is called when a server listens. */
    static void started(SocketAddress address) {
        reserve();
        CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS).execute(new LogReadiness(address));
    }

    @Override
    public void run() {
        load();
        ServerLog.LOGGER.log(
                System.Logger.Level.DEBUG, "Listening on " + address + " since " + Instant.ofEpochMilli(startMillis));
    }

    private static synchronized void reserve() {
        try {
            while (!ready && RESERVED.size() < RESERVE) {
                RESERVED.add(SocketChannel.open());
            }
        } catch (IOException e) {
            load(); // now or never
        }
    }

    /** Loads what logging needs, unless that has been done. */
    static synchronized void load() {
        if (ready) {
            return;
        }
        ready = true;
        for (SocketChannel reserved : RESERVED) {
            try {
                reserved.close();
            } catch (IOException e) {
                // The reserve is one descriptor smaller then.
            }
        }
        RESERVED.clear();
        ServerLog.LOGGER.log(System.Logger.Level.DEBUG, "Logging since " + ZonedDateTime.now(ZoneId.systemDefault()));
    }
}
