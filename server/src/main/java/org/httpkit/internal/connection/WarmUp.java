package org.httpkit.internal.connection;

import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.dispatch.VirtualThreads;
import org.httpkit.internal.http1.HeadScratch;
import org.httpkit.internal.http1.RequestDecoder;
import org.httpkit.internal.http1.RequestHead;
import org.httpkit.internal.http1.ResponseFraming;

/**
 * Reads and answers a request that nobody has sent, so that the JVM has loaded what the first one needs. Meant for a thread beside
 * the one that starts the server.
 */
final class WarmUp implements Runnable {
    private static final byte[] REQUEST = "GET / HTTP/1.1\r\nHost: test\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final Class<?>[] NEEDED = {
        HttpConnection.class, Exchange.class, ResponseWriter.class, RealChannel.class, Lingering.class
    };

    private final ServerContext context;

    WarmUp(ServerContext context) {
        this.context = context;
    }

    @Override
    public void run() {
        try {
            load();
        } catch (Throwable e) {
            // The first request meets it again, and then there is somebody to tell.
        }
    }

    void load() throws Exception {
        readAndAnswer();
        for (Class<?> type : NEEDED) {
            MethodHandles.lookup().ensureInitialized(type);
        }
        if (!context.inline && VirtualThreads.isSupported()) {
            VirtualThreads.load();
        }
    }

    private void readAndAnswer() throws Exception {
        RequestDecoder decoder = new HeadScratch().borrowDecoder(context.limits);
        decoder.advance(ByteBuffer.wrap(REQUEST));
        RequestHead head = decoder.head();
        int status = Status.NO_CONTENT.code();
        ResponseFraming framing = ResponseFraming.decide(head.method(), head.version(), status, 0, -1, true);
        context.heads.write(new ByteQueue(256), Status.NO_CONTENT, Headers.empty(), framing);
    }
}
