package org.httpkit.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.CloseReason;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;

/**
 * Deliveries per second of one text to many WebSockets: as a {@link Message}, which the server encodes once, and as a String, which it
 * encodes for each send. Clients and server share the machine.
 *
 * <pre>java -cp ... org.httpkit.bench.Broadcast [clients] [bytes] [seconds]</pre>
 */
public final class Broadcast {
    private static final int ROUNDS = 4;

    private final Set<AsyncChannel> channels = ConcurrentHashMap.newKeySet();
    private final AtomicLong receivedBytes = new AtomicLong();

    private Broadcast() {}

    /** Prints a line for each round of each way. */
    public static void main(String[] arguments) throws Exception {
        int clients = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 500;
        int bytes = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 4096;
        int seconds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
        new Broadcast().run(clients, "é".repeat(bytes / 2), seconds);
    }

    private void run(int clients, String text, int seconds) throws Exception {
        ChannelListener register = new ChannelListener() {
            @Override
            public void onOpen(AsyncChannel channel) {
                channels.add(channel);
            }

            @Override
            public void onClose(AsyncChannel channel, CloseReason reason) {
                channels.remove(channel);
            }
        };
        try (HttpServer server = HttpServer.builder()
                        .address("127.0.0.1", 0)
                        .handler(request -> request.asChannel(register))
                        .start();
                Selector selector = Selector.open()) {
            for (int i = 0; i < clients; i++) {
                Handshakes.connect(server.port(), "/").register(selector, SelectionKey.OP_READ);
            }
            Thread reader = new Thread(() -> readAll(selector), "readers");
            reader.setDaemon(true);
            reader.start();
            while (channels.size() < clients) {
                Thread.onSpinWait();
            }
            for (int round = 0; round < ROUNDS; round++) {
                measure("encoded once", text.length() * 2, seconds, () -> {
                    Message message = Message.text(text);
                    channels.forEach(channel -> channel.send(message));
                });
                measure(
                        "encoded for each",
                        text.length() * 2,
                        seconds,
                        () -> channels.forEach(channel -> channel.send(text)));
            }
        }
    }

    private void measure(String way, int bytes, int seconds, Runnable broadcast) {
        long frameBytes = (long) bytes + (bytes < 126 ? 2 : bytes < 65536 ? 4 : 10);
        long bytesBefore = receivedBytes.get();
        long start = System.nanoTime();
        long sent = 0;
        while (System.nanoTime() - start < seconds * 1_000_000_000L) {
            broadcast.run();
            sent += channels.size();
            while ((sent - (receivedBytes.get() - bytesBefore) / frameBytes) > 20L * channels.size()) {
                Thread.onSpinWait(); // the clients share this machine: do not outrun them
            }
        }
        while (receivedBytes.get() - bytesBefore < sent * frameBytes) {
            Thread.onSpinWait();
        }
        double elapsed = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                "%-16s %4d clients %6d bytes: %,9.0f deliveries/s%n", way, channels.size(), bytes, sent / elapsed);
    }

    private void readAll(Selector selector) {
        ByteBuffer input = ByteBuffer.allocateDirect(256 << 10);
        try {
            while (selector.isOpen()) {
                selector.select(key -> {
                    try {
                        int count = ((SocketChannel) key.channel()).read(input.clear());
                        if (count < 0) {
                            key.cancel();
                        } else {
                            receivedBytes.addAndGet(count);
                        }
                    } catch (IOException e) {
                        key.cancel();
                    }
                });
            }
        } catch (IOException | java.nio.channels.ClosedSelectorException e) {
            // The bench is over.
        }
    }
}
