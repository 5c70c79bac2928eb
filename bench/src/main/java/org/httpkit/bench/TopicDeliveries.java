package org.httpkit.bench;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongUnaryOperator;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Event;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.topics.Topics;

/**
 * The cost of bringing a message to many, by {@code Topics} and by a send to each channel: processor time of all threads but the clients',
 * for each delivery, in microseconds, and bytes of heap. Each topic gets a message in turn, at a pace that the machine can keep up with.
 *
 * <pre>java -cp ... org.httpkit.bench.TopicDeliveries ws|sse [topics] [receivers of each] [bytes] [seconds] [deliveries a second]</pre>
 */
public final class TopicDeliveries {
    private static final int ROUNDS = 3;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final boolean events;
    private final int topicCount;
    private final int receivers;
    private final String text;
    private final int seconds;
    private final int rate;

    private final Map<String, List<AsyncChannel>> channels = new ConcurrentHashMap<>();
    private final AtomicLong receivedBytes = new AtomicLong();
    private final Topics topics = Topics.builder().build();

    /** A way to send to a topic. */
    private interface Way {
        void send(String topic);
    }

    private TopicDeliveries(String[] arguments) {
        events = arguments.length > 0 && arguments[0].equals("sse");
        topicCount = number(arguments, 1, 1);
        receivers = number(arguments, 2, 1000);
        text = "x".repeat(number(arguments, 3, 128));
        seconds = number(arguments, 4, 5);
        rate = number(arguments, 5, 100_000);
    }

    private static int number(String[] arguments, int index, int otherwise) {
        return arguments.length > index ? Integer.parseInt(arguments[index]) : otherwise;
    }

    /** Prints a line for each round of each way. */
    public static void main(String[] arguments) throws Exception {
        new TopicDeliveries(arguments).run();
    }

    private void run() throws Exception {
        try (HttpServer server = HttpServer.builder()
                        .address("127.0.0.1", 0)
                        .maxConnections(topicCount * receivers * 2 + 100)
                        .handler(this::handle)
                        .start();
                Selector selector = Selector.open()) {
            Thread reader = new Thread(() -> readAll(selector), "clients");
            reader.setDaemon(true);
            for (int topic = 0; topic < topicCount; topic++) {
                for (int i = 0; i < receivers; i++) {
                    connect(server.port(), "/topics/t" + topic).register(selector, SelectionKey.OP_READ);
                    connect(server.port(), "/channels/t" + topic).register(selector, SelectionKey.OP_READ);
                }
            }
            reader.start();
            while (topics.stats().subscriptions() < (long) topicCount * receivers
                    || channels.values().stream().mapToInt(List::size).sum() < topicCount * receivers) {
                Thread.onSpinWait();
            }
            for (int round = 0; round < ROUNDS; round++) {
                measure("topics", topic -> topics.publish(topic, Message.text(text)));
                if (events) {
                    measure("an event for all", topic -> {
                        Event event = Event.of(text);
                        channels(topic).forEach(channel -> channel.sendEvent(event));
                    });
                    measure("an event for each", topic -> channels(topic)
                            .forEach(channel -> channel.sendEvent(Event.of(text))));
                } else {
                    measure("a message for all", topic -> {
                        Message message = Message.text(text);
                        channels(topic).forEach(channel -> channel.send(message));
                    });
                    measure("a text for each", topic -> channels(topic)
                            .forEach(channel -> channel.send(new String(text))));
                }
            }
        } finally {
            topics.close();
        }
    }

    private List<AsyncChannel> channels(String topic) {
        return channels.getOrDefault(topic, List.of());
    }

    private Response handle(Request request) throws Exception {
        String path = request.path();
        String topic = path.substring(path.lastIndexOf('/') + 1);
        if (path.startsWith("/topics/")) {
            return topics.subscribe(request, topic);
        }
        return request.asChannel(new ChannelListener() {
            @Override
            public void onOpen(AsyncChannel channel) {
                if (events) {
                    channel.sendEvent(Event.comment("live"));
                }
                List<AsyncChannel> all = channels.computeIfAbsent(topic, t -> new ArrayList<>());
                synchronized (all) {
                    all.add(channel);
                }
            }
        });
    }

    private SocketChannel connect(int port, String path) throws IOException {
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

    private void measure(String way, Way sender) throws InterruptedException {
        long cpuBefore = sum(THREADS::getThreadCpuTime);
        long heapBefore = sum(THREADS::getThreadAllocatedBytes);
        long bytesBefore = receivedBytes.get();
        long start = System.nanoTime();
        long messages = 0;
        long most = (long) seconds * rate / receivers;
        while (messages < most) {
            sender.send("t" + messages % topicCount);
            messages++;
            long due = start + messages * receivers * 1_000_000_000L / rate;
            while (System.nanoTime() < due) {
                Thread.sleep(0, 50_000);
            }
        }
        long deliveries = messages * receivers;
        while (receivedBytes.get() - bytesBefore < deliveries * text.length()) {
            Thread.sleep(1);
        }
        double elapsed = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                "%-18s %5d topics of %5d %s: %,9.0f deliveries/s, %6.3f us and %4d bytes each%n",
                way,
                topicCount,
                receivers,
                events ? "sse" : "ws",
                deliveries / elapsed,
                (sum(THREADS::getThreadCpuTime) - cpuBefore) / 1e3 / deliveries,
                (sum(THREADS::getThreadAllocatedBytes) - heapBefore) / deliveries);
    }

    /** Processor time of all threads but the clients' and those that have ended. */
    private static long sum(LongUnaryOperator ofThread) {
        long sum = 0;
        for (long id : THREADS.getAllThreadIds()) {
            ThreadInfo thread = THREADS.getThreadInfo(id);
            if (thread != null && !thread.getThreadName().equals("clients")) {
                sum += Math.max(0, ofThread.applyAsLong(id));
            }
        }
        return sum;
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
