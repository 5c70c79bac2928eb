package org.httpkit.tests;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Event;
import org.httpkit.server.FinishedExchange;
import org.httpkit.server.FinishedExchange.Outcome;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;

/** What the soak's server does, and what it has been told of each exchange. Safe from any thread. */
final class SoakSite implements Handler, ServerObserver {
    private final Path smallFile;
    private final Path largeFile;
    private final Queue<AsyncChannel> polls = new ConcurrentLinkedQueue<>();
    private final Map<SoakKind, Map<Outcome, AtomicLong>> finished = new EnumMap<>(SoakKind.class);
    private final AtomicLong finishedRequests = new AtomicLong();
    final AtomicLong channelsOpened = new AtomicLong();
    final AtomicLong channelsClosed = new AtomicLong();
    final Queue<Throwable> loopFailures = new ConcurrentLinkedQueue<>();

    SoakSite(Path smallFile, Path largeFile) {
        this.smallFile = smallFile;
        this.largeFile = largeFile;
        for (SoakKind kind : SoakKind.values()) {
            Map<Outcome, AtomicLong> outcomes = new EnumMap<>(Outcome.class);
            for (Outcome outcome : Outcome.values()) {
                outcomes.put(outcome, new AtomicLong());
            }
            finished.put(kind, outcomes);
        }
    }

    /** How many exchanges of that kind have ended so. */
    long finished(SoakKind kind, Outcome outcome) {
        return finished.get(kind).get(outcome).get();
    }

    /** How many exchanges of that kind have ended. */
    long finished(SoakKind kind) {
        return finished.get(kind).values().stream().mapToLong(AtomicLong::get).sum();
    }

    /** How many exchanges with a request have ended, in whatever way. */
    long finishedRequests() {
        return finishedRequests.get();
    }

    // ---- as a handler

    @Override
    public boolean streamsBody(Request request) {
        return request.path().startsWith(SoakKind.UPLOAD.path(""));
    }

    @Override
    public Response handle(Request request) throws Exception {
        String path = request.path();
        SoakKind kind = SoakKind.of(path);
        String rest = path.substring(kind.path("").length());
        return switch (kind) {
            case KEPT, PIPELINED, SLOW -> Response.bytes(SoakPattern.first(Integer.parseInt(rest)));
            case LENGTH, CHUNKED -> Response.bytes(request.body().bytes());
            case UPLOAD -> Response.text(Long.toString(countPattern(request.body().stream())));
            case DOWNLOAD -> download(Integer.parseInt(rest));
            case FILE -> Response.file(rest.equals("large") ? largeFile : smallFile);
            case STALLED -> Response.file(StallingDisk.path(rest.equals("large") ? largeFile : smallFile));
            case INTERRUPTED -> {
                interruptLate();
                yield Response.file(smallFile);
            }
            case LATER -> Response.later(CompletableFuture.supplyAsync(() -> Response.text("late")));
            case WEB_SOCKET -> request.asChannel(ChannelOptions.DEFAULT.deflate(true), new Echo());
            case EVENTS -> request.asChannel(new Events(Integer.parseInt(rest)));
            case POLL -> request.asChannel(new Poll());
            case WAKE -> Response.text(Integer.toString(wake()));
            case FAILING -> fail(rest);
            case BREAKING ->
                Response.stream(out -> {
                    SoakPattern.write(out, 0, 20_000);
                    throw new IOException("on purpose");
                });
            case ABORTED -> aborted(request, rest);
            case NONSENSE -> throw new AssertionError("Nobody asks for it by that name");
        };
    }

    private static Response download(int bytes) {
        return Response.stream(out -> {
            for (int at = 0; at < bytes; at += 10_000) {
                SoakPattern.write(out, at, Math.min(bytes, at + 10_000));
            }
        });
    }

    /** How many bytes came, or -1 if they are others than those expected. */
    private static long countPattern(InputStream body) throws IOException {
        SoakPattern.Comparison came = new SoakPattern.Comparison();
        long count = body.transferTo(came);
        return came.isFirst(count) ? count : -1;
    }

    private static Response fail(String how) {
        switch (how) {
            case "0" -> throw new IllegalStateException("on purpose");
            case "1" -> throw new OutOfMemoryError("on purpose");
            case "2" -> throw new StackOverflowError("on purpose");
            default -> throw new UncheckedIOException(new IOException("on purpose"));
        }
    }

    /**
     * As a time limit does that comes late. Only on a loop's thread: on one of the worker it would hit the next handler, which is that
     * application's own fault.
     */
    private static void interruptLate() {
        Thread self = Thread.currentThread();
        if (self.getName().startsWith("httpkit-loop")) {
            CompletableFuture.delayedExecutor(ThreadLocalRandom.current().nextInt(3000), TimeUnit.MICROSECONDS)
                    .execute(self::interrupt);
        }
    }

    private Response aborted(Request request, String rest) throws Exception {
        return switch (rest) {
            case "large" -> Response.bytes(SoakPattern.first(1 << 20));
            case "stream" -> download(500_000);
            case "file" -> Response.file(largeFile);
            case "channel" -> request.asChannel(new Echo());
            case "fails" -> throw new IllegalStateException("on purpose");
            case "text" -> Response.text(request.body().text());
            case "stalled" -> Response.file(StallingDisk.path(largeFile));
            case "deep" -> Response.file(smallFile.resolve("x/".repeat(4000)));
            default -> Response.bytes(request.body().bytes());
        };
    }

    private int wake() {
        int woken = 0;
        for (AsyncChannel poll = polls.poll(); poll != null; poll = polls.poll()) {
            poll.send("awake");
            woken++;
        }
        return woken;
    }

    /** Counts what opens and closes. */
    private class Counted implements ChannelListener {
        @Override
        public void onOpen(AsyncChannel channel) {
            channelsOpened.incrementAndGet();
        }

        @Override
        public void onClose(AsyncChannel channel, CloseReason reason) {
            channelsClosed.incrementAndGet();
        }
    }

    private final class Echo extends Counted {
        @Override
        public void onOpen(AsyncChannel channel) {
            super.onOpen(channel);
            if (!channel.isWebSocket()) {
                channel.send("begun", false);
            }
        }

        @Override
        public void onText(AsyncChannel channel, String text) {
            channel.send(text, false);
        }

        @Override
        public void onBinary(AsyncChannel channel, byte[] bytes) {
            channel.send(bytes, false);
        }
    }

    private final class Events extends Counted {
        private final int count;

        Events(int count) {
            this.count = count;
        }

        @Override
        public void onOpen(AsyncChannel channel) {
            super.onOpen(channel);
            for (int i = 0; i < count; i++) {
                channel.sendEvent(Event.of("number " + i));
            }
            channel.close();
        }
    }

    private final class Poll extends Counted {
        @Override
        public void onOpen(AsyncChannel channel) {
            super.onOpen(channel);
            polls.add(channel);
        }

        @Override
        public void onClose(AsyncChannel channel, CloseReason reason) {
            super.onClose(channel, reason);
            polls.remove(channel);
        }
    }

    // ---- as an observer

    @Override
    public void exchangeFinished(FinishedExchange exchange) {
        Request request = exchange.request();
        SoakKind kind = request == null ? SoakKind.NONSENSE : SoakKind.of(request.path());
        finished.get(kind).get(exchange.outcome()).incrementAndGet();
        if (request != null) {
            finishedRequests.incrementAndGet(); // last: a test that has seen all of them compares the rest
        }
    }

    @Override
    public void loopFailed(Throwable failure) {
        loopFailures.add(failure);
    }

    @Override
    public void handlerFailed(Request request, Throwable failure) {
        throw new AssertionError("Observers fail, too");
    }

    @Override
    public void refused(int status, String rule) {
        throw new StackOverflowError("Observers fail, too");
    }
}
