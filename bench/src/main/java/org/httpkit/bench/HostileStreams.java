package org.httpkit.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * What an attack over HTTP/2 costs the other clients. For each kind of attack it compares the latency of honest clients alone and beside
 * eight attackers, in turns, and prints a Markdown table of medians. The server and the attackers are processes of their own: a prefix
 * of their commands can pin them, so that the attackers cost the honest clients nothing but by way of the server:
 *
 * <pre>taskset -c 1 java -Dserver="taskset -c 0" -Dattackers="taskset -c 1 nice -n 19" -cp ... org.httpkit.bench.HostileStreams
 *     [rounds [seconds [KIND ...]]]</pre>
 */
public final class HostileStreams {
    private static final int ATTACKERS = 8;
    private static final int HONEST = 16;
    private static final double PER_SECOND = 50;
    private static final byte[] LARGE = new byte[1 << 20];

    private HostileStreams() {}

    public static void main(String[] arguments) throws Exception {
        String role = arguments.length > 0 ? arguments[0] : "";
        switch (role) {
            case "serve" -> serve();
            case "attack" -> attack(Integer.parseInt(arguments[1]));
            default -> measure(arguments);
        }
    }

    // ---- the server's process

    private static void serve() throws IOException, InterruptedException {
        try (HttpServer server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .handler(new Answers())
                .start()) {
            System.out.println(server.port());
            BufferedReader commands = lines(System.in);
            while (commands.readLine() != null) {
                System.out.println(cpuNanos() + " " + liveHeap());
            }
        }
    }

    /** Answers at once, with much, never, or when it has read the body. */
    private static final class Answers implements Handler {
        @Override
        public @Nullable Response handle(Request request) throws Exception {
            return switch (request.path()) {
                case "/large" -> Response.bytes(LARGE);
                case "/later" -> Response.later(new CompletableFuture<>());
                case "/body" -> Response.text("" + request.body().bytes().length);
                default -> Response.text("Hello, World!");
            };
        }

        @Override
        public boolean streamsBody(Request request) {
            return request.path().equals("/body");
        }
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    @SuppressWarnings("GarbageCollector")
    private static long liveHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    // ---- the attackers' process

    private static void attack(int port) throws IOException, InterruptedException {
        BufferedReader commands = lines(System.in);
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            String[] words = command.split(" ", -1);
            System.out.println(
                    Attackers.run(port, StreamAttack.valueOf(words[0]), ATTACKERS, Double.parseDouble(words[1])));
        }
    }

    // ---- the measuring process

    /** Another process of this program, which answers each line with a line. */
    private static final class Child implements AutoCloseable {
        private final Process process;
        private final PrintStream in;
        private final BufferedReader out;

        Child(String prefix, String... role) throws IOException {
            List<String> command = new ArrayList<>();
            if (!prefix.isEmpty()) {
                command.addAll(Arrays.asList(prefix.split(" ", -1)));
            }
            command.addAll(List.of(
                    ProcessHandle.current().info().command().orElse("java"),
                    "-Xmx512m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    HostileStreams.class.getName()));
            command.addAll(List.of(role));
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
            out = lines(process.getInputStream());
        }

        void ask(String line) {
            in.println(line);
        }

        long[] answer() throws IOException {
            String line = out.readLine();
            if (line == null) {
                throw new IOException("A process has ended");
            }
            return Arrays.stream(line.split(" ", -1)).mapToLong(Long::parseLong).toArray();
        }

        @Override
        public void close() throws InterruptedException {
            in.close();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    /** Some seconds of honest clients, alone or beside attackers. */
    private record Phase(double p50, double p99, int failures, double cpu, double heap, long[] attack) {}

    private static void measure(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 3;
        double seconds = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 4;
        List<StreamAttack> attacks = arguments.length > 2
                ? Arrays.stream(arguments).skip(2).map(StreamAttack::valueOf).toList()
                : List.of(StreamAttack.values());
        try (Child server = new Child(System.getProperty("server", ""), "serve")) {
            int port = (int) server.answer()[0];
            try (Child attackers = new Child(System.getProperty("attackers", ""), "attack", "" + port)) {
                System.out.println("| Attack | connections/s | MB/s | CPU | live heap, MiB | p50 alone, ms | beside it"
                        + " | p99 alone, ms | beside it | × | failed |");
                System.out.println("|---|---|---|---|---|---|---|---|---|---|---|");
                phase(server, null, port, null, 2 * seconds); // until the code is compiled
                for (StreamAttack attack : attacks) {
                    phase(server, attackers, port, attack, seconds);
                    List<Phase> alone = new ArrayList<>();
                    List<Phase> beside = new ArrayList<>();
                    for (int i = 0; i < rounds; i++) {
                        alone.add(phase(server, null, port, null, seconds));
                        beside.add(phase(server, attackers, port, attack, seconds));
                    }
                    print(attack, alone, beside, seconds);
                }
            }
        }
    }

    private static Phase phase(
            Child server, @Nullable Child attackers, int port, @Nullable StreamAttack attack, double seconds)
            throws IOException, InterruptedException {
        server.ask("");
        long before = server.answer()[0];
        if (attackers != null) {
            attackers.ask(attack + " " + (seconds + 0.5));
            TimeUnit.MILLISECONDS.sleep(200);
        }
        HonestClients honest = HonestClients.run(port, HONEST, PER_SECOND, seconds);
        server.ask(""); // while the attack goes on
        long[] now = server.answer();
        long[] sent = attackers == null ? new long[2] : attackers.answer();
        return new Phase(
                honest.millis(50),
                honest.millis(99),
                honest.failures(),
                (now[0] - before) / 1e9,
                now[1] / 0x1p20,
                sent);
    }

    private static void print(StreamAttack attack, List<Phase> alone, List<Phase> beside, double seconds) {
        double quiet = median(alone.stream().map(Phase::p99).toList());
        double busy = median(beside.stream().map(Phase::p99).toList());
        System.out.printf(
                Locale.ROOT,
                "| %s | %.0f | %.1f | %.0f %% | %.0f | %.2f | %.2f | %.2f | %.2f | %.2f | %d |%n",
                attack.description,
                median(beside.stream().map(each -> each.attack()[0] / seconds).toList()),
                median(beside.stream()
                        .map(each -> each.attack()[1] / seconds / 1e6)
                        .toList()),
                median(beside.stream().map(each -> 100 * each.cpu() / seconds).toList()),
                beside.stream().mapToDouble(Phase::heap).max().orElse(0),
                median(alone.stream().map(Phase::p50).toList()),
                median(beside.stream().map(Phase::p50).toList()),
                quiet,
                busy,
                busy / quiet,
                beside.stream().mapToInt(Phase::failures).sum());
    }

    private static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    private static BufferedReader lines(InputStream in) {
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }
}
