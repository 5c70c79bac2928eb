package org.httpkit.tests;

import java.util.concurrent.atomic.AtomicLong;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;

/** A program: a server with default options, which prints what it holds. Ends with its input. */
final class FloodedServer {
    private FloodedServer() {}

    public static void main(String[] args) throws Exception {
        AtomicLong sheds = new AtomicLong();
        AtomicLong failures = new AtomicLong();
        ServerObserver counting = new ServerObserver() {
            @Override
            public void inputShed(java.net.SocketAddress peer, long heldBytes) {
                sheds.incrementAndGet();
            }

            @Override
            public void loopFailed(Throwable failure) {
                failures.incrementAndGet();
            }
        };
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> failures.incrementAndGet());
        HttpServer server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .observer(counting)
                .handler(request -> request.path().equals("/ws")
                        ? request.asChannel(ChannelOptions.DEFAULT.deflate(true), new ChannelListener() {})
                        : Response.text("got " + request.body().bytes().length))
                .start();
        System.out.println(server.port());
        while (System.in.read() >= 0) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            long used = (runtime.totalMemory() - runtime.freeMemory()) >> 10;
            System.out.println(used + " " + server.stats().connectionsOpen() + " " + sheds + " " + failures);
        }
        server.stop().join();
    }
}
