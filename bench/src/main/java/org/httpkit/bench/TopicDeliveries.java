package org.httpkit.bench;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
 * The cost of bringing a message to many, by {@code Topics} and by a send to each channel: processor time for each delivery, in
 * microseconds, and bytes of heap. Each topic gets a message in turn, at a pace that the machine can keep up with. The clients are
 * {@link TopicClients}, so 20,000 descriptors do for 990 topics of 10.
 *
 * <pre>java -cp ... org.httpkit.bench.TopicDeliveries ws|sse [topics] [receivers of each] [bytes] [seconds] [deliveries a second] [rounds]</pre>
 */
public final class TopicDeliveries {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final boolean events;
    private final int topicCount;
    private final int receivers;
    private final String text;
    private final int seconds;
    private final int rate;
    private final int rounds;

    private final Map<String, List<AsyncChannel>> channels = new ConcurrentHashMap<>();
    private final Map<String, List<Double>> costs = new LinkedHashMap<>();
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
        rounds = number(arguments, 6, 3);
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
                .start()) {
            Clients clients = new Clients(start(server.port()));
            clients.receivedBytes(); // once all are connected
            while (topics.stats().subscriptions() < (long) topicCount * receivers
                    || channels.values().stream().mapToInt(List::size).sum() < topicCount * receivers) {
                Thread.onSpinWait();
            }
            for (int round = 0; round < rounds; round++) {
                measure(clients, "topics", topic -> topics.publish(topic, Message.text(text)));
                if (events) {
                    measure(clients, "an event for all", topic -> {
                        Event event = Event.of(text);
                        channels(topic).forEach(channel -> channel.sendEvent(event));
                    });
                    measure(clients, "an event for each", topic -> channels(topic)
                            .forEach(channel -> channel.sendEvent(Event.of(text))));
                } else {
                    measure(clients, "a message for all", topic -> {
                        Message message = Message.text(text);
                        channels(topic).forEach(channel -> channel.send(message));
                    });
                    measure(clients, "a text for each", topic -> channels(topic)
                            .forEach(channel -> channel.send(new String(text))));
                }
            }
            summarize();
            clients.end();
        } finally {
            topics.close();
        }
    }

    private Process start(int port) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:-MaxFDLimit",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TopicClients.class.getName(),
                        Integer.toString(port),
                        events ? "sse" : "ws",
                        Integer.toString(topicCount),
                        Integer.toString(receivers))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** The process of the clients. */
    private record Clients(Process process, BufferedWriter questions, BufferedReader answers) {
        Clients(Process process) {
            this(
                    process,
                    process.outputWriter(StandardCharsets.US_ASCII),
                    process.inputReader(StandardCharsets.US_ASCII));
        }

        long receivedBytes() throws IOException {
            questions.write("\n");
            questions.flush();
            String answer = answers.readLine();
            if (answer == null) {
                throw new IOException("The clients have ended");
            }
            return Long.parseLong(answer);
        }

        void end() throws IOException, InterruptedException {
            questions.close();
            process.waitFor();
        }
    }

    /** Medians, and how they compare with the send of one message to each channel. */
    private void summarize() {
        Map<String, Double> medians = new LinkedHashMap<>();
        costs.forEach(
                (way, each) -> medians.put(way, each.stream().sorted().toList().get(each.size() / 2)));
        double alone = medians.getOrDefault(events ? "an event for all" : "a message for all", Double.NaN);
        medians.forEach((way, median) -> System.out.printf(
                "%-18s %5d topics of %5d %s: median %6.3f us, %.2f of a message for all%n",
                way, topicCount, receivers, events ? "sse" : "ws", median, median / alone));
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

    private void measure(Clients clients, String way, Way sender) throws IOException, InterruptedException {
        long cpuBefore = sum(THREADS::getThreadCpuTime);
        long heapBefore = sum(THREADS::getThreadAllocatedBytes);
        long bytesBefore = clients.receivedBytes();
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
        while (clients.receivedBytes() - bytesBefore < deliveries * text.length()) {
            Thread.sleep(1);
        }
        double cpuMicros = (sum(THREADS::getThreadCpuTime) - cpuBefore) / 1e3 / deliveries;
        costs.computeIfAbsent(way, each -> new ArrayList<>()).add(cpuMicros);
        double elapsed = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                "%-18s %5d topics of %5d %s: %,9.0f deliveries/s, %6.3f us and %4d bytes each%n",
                way,
                topicCount,
                receivers,
                events ? "sse" : "ws",
                deliveries / elapsed,
                cpuMicros,
                (sum(THREADS::getThreadAllocatedBytes) - heapBefore) / deliveries);
    }

    /** The sum over all threads that have not ended. */
    private static long sum(LongUnaryOperator ofThread) {
        long sum = 0;
        for (long id : THREADS.getAllThreadIds()) {
            sum += Math.max(0, ofThread.applyAsLong(id));
        }
        return sum;
    }
}
