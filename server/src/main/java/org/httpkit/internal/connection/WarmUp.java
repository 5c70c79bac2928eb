package org.httpkit.internal.connection;

import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.channel.RealChannel;
import org.httpkit.internal.context.ResponseHeads;
import org.httpkit.internal.dispatch.VirtualThreads;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.exchange.ResponseWriter;
import org.httpkit.internal.fields.HeadLimits;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.http1.DecoderPool;
import org.httpkit.internal.http1.RequestDecoder;
import org.httpkit.internal.http1.ResponseFraming;
import org.httpkit.server.Dispatch;
import org.httpkit.server.ServerOptions;

/**
 * Makes the JVM load what the first request needs while the server starts: reads and answers a made-up request. Runs on
 * a thread beside the one that starts the server.
 */
public final class WarmUp implements Runnable {
    private static final byte[] REQUEST = "GET / HTTP/1.1\r\nHost: test\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final AtomicBoolean BEGUN = new AtomicBoolean();

    private final ServerOptions options;

    WarmUp(ServerOptions options) {
        this.options = options;
    }

    /** Begins the warm-up, unless this JVM has done so before or has no processor to spare. */
    public static void begin(ServerOptions options) {
        if (Runtime.getRuntime().availableProcessors() == 1 || !BEGUN.compareAndSet(false, true)) {
            return;
        }
        Thread beside = new Thread(new WarmUp(options), "httpkit-warm-up");
        beside.setDaemon(true);
        try {
            beside.start();
        } catch (OutOfMemoryError noThread) {
            // The first request loads everything instead.
        }
    }

    @Override
    public void run() {
        try {
            load();
        } catch (Throwable e) {
            // The first request meets the failure again, where it can be reported.
        }
    }

    /** Loads in the order in which a request needs the classes. */
    void load() throws Exception {
        SelectorProvider.provider();
        readAndAnswer();
        load(Http1Connection.class, Exchange.class, ResponseWriter.class, RealChannel.class, Lingering.class);
        boolean usesVirtualThreads = options.dispatch() != Dispatch.INLINE && options.worker() == null;
        if (usesVirtualThreads && VirtualThreads.isSupported()) {
            VirtualThreads.load();
        }
    }

    private void readAndAnswer() throws Exception {
        HeadLimits limits = new HeadLimits(options.maxLineBytes(), options.maxHeaderBytes(), options.maxHeaderCount());
        RequestDecoder decoder = new DecoderPool().borrowDecoder(limits);
        decoder.advance(ByteBuffer.wrap(REQUEST));
        RequestHead head = decoder.head();
        int status = Status.NO_CONTENT.code();
        ResponseFraming framing = ResponseFraming.decide(head.method(), head.version(), status, 0, -1, true);
        new ResponseHeads(options.serverHeader(), InstantSource.system())
                .write(new ByteQueue(256), Status.NO_CONTENT, Headers.empty(), framing);
    }

    private static void load(Class<?>... types) throws IllegalAccessException {
        for (Class<?> type : types) {
            MethodHandles.lookup().ensureInitialized(type);
        }
    }
}
