package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.SendResult;
import org.httpkit.server.ServerObserver;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients cannot fill the log: what they do wrong is logged at level DEBUG only. */
final class PeersMistakesTest extends ServerTest {
    private final Logger logger = Logger.getLogger("org.httpkit.server");
    private final List<LogRecord> logged = new CopyOnWriteArrayList<>();
    private final RecordingListener listener = new RecordingListener();
    private final Handler recorder = new Handler() {
        @Override
        public void publish(LogRecord line) {
            logged.add(line);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void record() {
        logger.addHandler(recorder);
        logger.setUseParentHandlers(false);
        logger.setLevel(Level.ALL);
    }

    @AfterEach
    void forget() {
        logger.removeHandler(recorder);
        logger.setUseParentHandlers(true);
        logger.setLevel(null);
    }

    @Test
    void areLoggedAtLevelDebugOnly() throws Exception {
        HttpServer server = serve(
                request -> switch (request.path()) {
                    case "/channel" -> request.asChannel(listener);
                    case "/large" -> Response.bytes(new byte[16 << 20]);
                    default -> Response.text("hello");
                },
                options -> options.observer(new ServerObserver() {})
                        .maxBodyBytes(1000)
                        .maxQueuedBytes(1 << 20)
                        .headerTimeout(A_WHILE)
                        .bodyTimeout(A_WHILE));

        for (String wrong : List.of(
                "NONSENSE\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/3.0\r\nHost: test\r\n\r\n",
                "GET /" + "x".repeat(10_000) + " HTTP/1.1\r\nHost: test\r\n\r\n",
                get("/", "X: " + "x".repeat(10_000)),
                request("POST / HTTP/1.1", "Content-Length: 1001"),
                request("POST / HTTP/1.1", "Expect: miracles"),
                request("POST / HTTP/1.1", "Transfer-Encoding: chunked") + "no chunk\r\n",
                get("/channel", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"),
                "GET / HT", // and nothing more
                request("POST / HTTP/1.1", "Content-Length: 10") + "half")) {
            assertThat(connect(server).send(wrong).read().status()).isBetween(400, 505);
        }
        connect(server).send(get("/")).reset();
        connect(server).send("GET / HT").reset();
        connect(server)
                .send(request("POST / HTTP/1.1", "Content-Length: 10") + "half")
                .reset();
        RawClient large = connect(server, 4096).send(get("/large"));
        large.readHead();
        large.reset();
        RawClient channel = connect(server).send(get("/channel"));
        listener.channel();
        channel.reset();

        RawWebSocket broken = closeLater(RawWebSocket.open(server, "/channel"));
        listener.channel();
        broken.frame(true, 0, 3, new byte[0]);
        broken.readClose();
        RawWebSocket gone = closeLater(RawWebSocket.open(server, "/channel"));
        listener.channel();
        gone.client().reset();
        RawWebSocket.open(connect(server, 4096), "/channel");
        AsyncChannel slow = listener.channel();
        while (slow.trySend(new byte[1 << 20]) != SendResult.CLOSED) {}
        server.stop(Duration.ofSeconds(5)).get(10, TimeUnit.SECONDS);

        eventually(() -> assertThat(logged).hasSizeGreaterThan(10));
        assertThat(logged).allSatisfy(line -> assertThat(line.getLevel().intValue())
                .as(line.getMessage() + " " + line.getThrown())
                .isLessThanOrEqualTo(Level.FINE.intValue()));
    }
}
