package org.httpkit.tests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.Worker;

/**
 * A program to start with little address space or direct memory: serves, tells its port, and does for each line
 * of input what that says; ends with its input.
 */
final class FewResources {
    private static final long BALLAST_STACK_BYTES = 64 << 20;

    private static final Deque<Thread> ballast = new ArrayDeque<>();
    private static final List<ByteBuffer> directMemory = new ArrayList<>();

    private FewResources() {}

    public static void main(String[] arguments) throws Exception {
        HttpServer server = builder(0).start();
        awaitWarmUp();
        System.out.println(server.port());
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            System.out.println(answer(line, server));
        }
        server.close();
    }

    /** Its thread gives back its stack as it ends, which is to be taken, too. */
    private static void awaitWarmUp() throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("httpkit-warm-up")) {
                thread.join();
            }
        }
    }

    private static HttpServer.Builder builder(int port) {
        return HttpServer.builder()
                .address("127.0.0.1", port)
                .eventLoops(2)
                .dispatch(Dispatch.WORKER)
                .worker(Worker.builder().allowVirtual(false))
                .handler(request -> Response.text("fine"));
    }

    private static String answer(String line, HttpServer server) {
        try {
            return perform(line, server);
        } catch (Throwable e) {
            return e.toString(); // the test waits for a line
        }
    }

    private static String perform(String what, HttpServer server) throws Exception {
        return switch (what) {
            case "take threads" -> takeThreads();
            case "give threads" -> {
                ballast.forEach(LockSupport::unpark);
                for (Thread thread : ballast) {
                    thread.join();
                }
                yield "given";
            }
            case "start another" -> startAnother();
            case "stop" -> stop(server);
            case "take memory" -> takeMemory();
            case "give memory" -> {
                directMemory.clear();
                yield "given";
            }
            case "open" -> Long.toString(server.stats().connectionsOpen());
            default -> throw new IllegalArgumentException(what);
        };
    }

    /** Takes address space until threads of the usual size cannot be had any more, though smaller things can. */
    private static String takeThreads() throws InterruptedException {
        try {
            while (true) {
                Thread thread = new Thread(null, LockSupport::park, "ballast", BALLAST_STACK_BYTES);
                thread.setDaemon(true);
                thread.start();
                ballast.add(thread);
            }
        } catch (OutOfMemoryError e) {
            endLast();
            endLast(); // leaves room for small things, and not for a thread: the system's library keeps one stack for
            // the next thread
            return "taken";
        }
    }

    private static void endLast() throws InterruptedException {
        Thread last = ballast.removeLast();
        LockSupport.unpark(last);
        last.join();
    }

    private static String takeMemory() {
        try {
            while (true) {
                directMemory.add(ByteBuffer.allocateDirect(16 * 1024));
            }
        } catch (OutOfMemoryError e) {
            return "taken";
        }
    }

    /** A server that cannot start leaves nothing behind. */
    private static String startAnother() throws IOException {
        int port = Daemon.freePort();
        long threads = countThreads();
        try {
            builder(port).start().close();
            return "started";
        } catch (OutOfMemoryError e) {
            new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
            return countThreads() == threads ? "refused" : "threads are left";
        }
    }

    private static long countThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("httpkit"))
                .count();
    }

    private static String stop(HttpServer server) throws Exception {
        try {
            server.stop(Duration.ofSeconds(5)).get(10, TimeUnit.SECONDS);
            return server.status().toString();
        } catch (OutOfMemoryError e) {
            return "refused, " + server.status();
        }
    }
}
