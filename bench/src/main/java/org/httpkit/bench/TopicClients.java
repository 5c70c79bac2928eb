package org.httpkit.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The clients of {@link TopicDeliveries}, as a process: the server's descriptors and processor time are the other
 * process's. For each line on its input it prints how many bytes have come so far.
 */
final class TopicClients {
    private final AtomicLong receivedBytes = new AtomicLong();

    private TopicClients() {}

    /** Arguments: the port, ws or sse, topics, receivers of each. */
    public static void main(String[] arguments) throws Exception {
        boolean events = arguments[1].equals("sse");
        int port = Integer.parseInt(arguments[0]);
        TopicClients clients = new TopicClients();
        try (Selector selector = Selector.open()) {
            for (int topic = 0; topic < Integer.parseInt(arguments[2]); topic++) {
                for (int i = 0; i < Integer.parseInt(arguments[3]); i++) {
                    connect(events, port, "/topics/t" + topic).register(selector, SelectionKey.OP_READ);
                    connect(events, port, "/channels/t" + topic).register(selector, SelectionKey.OP_READ);
                }
            }
            Thread reader = new Thread(() -> clients.readAll(selector), "reader");
            reader.setDaemon(true);
            reader.start();
            BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
            while (questions.readLine() != null) {
                System.out.println(clients.receivedBytes.get());
            }
        }
    }

    private static SocketChannel connect(boolean events, int port, String path) throws IOException {
        if (!events) {
            return Handshakes.connect(port, path);
        }
        SocketChannel socket = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        String request = "GET " + path + " HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n";
        socket.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
        ByteBuffer head = ByteBuffer.allocate(4096);
        while (!StandardCharsets.US_ASCII
                .decode(head.duplicate().flip())
                .toString()
                .contains("live")) {
            socket.read(head);
        }
        socket.configureBlocking(false);
        return socket;
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
        } catch (IOException | ClosedSelectorException e) {
            // The bench is over.
        }
    }
}
