package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.http1.DecoderPool;
import org.httpkit.internal.net.FakeLoop;
import org.httpkit.internal.net.FakeWire;
import org.httpkit.internal.net.IgnoringProtocol;
import org.httpkit.internal.net.Link;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.junit.jupiter.api.Test;

/** The loop may look at an exchange at any time: when it finds the exchange done, everything about its end is known. */
final class ExchangeEndTest {
    private static final long ENDED_NANOS = 42;

    private final List<String> seen = new ArrayList<>();
    /** Looks at the exchange from the one place in its end where a test can be. */
    private final FakeLoop loop = new FakeLoop() {
        @Override
        public long freshNanos() {
            if (stream != null) {
                seen.add("over " + stream.isOver() + ", keeps " + stream.keepsConnection());
            }
            return ENDED_NANOS;
        }
    };

    private final Link link = new Link(loop, new FakeWire());
    private Http1Stream stream;

    @Test
    void isDoneOnlyAfterAllElseIsKnown() {
        link.start(new IgnoringProtocol());
        ServerContext context = ServerContext.of(
                HttpServer.builder().handler(request -> Response.of(200)).options(),
                Runnable::run,
                new ServerObserver() {});
        Http1Connection connection = new Http1Connection(context, link, new DecoderPool(), null, 0);
        RequestHead head = RequestHead.of("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        stream = new Http1Stream(connection, context, link, head, 0);
        stream.whole(Response.of(200), 0, null, null);

        stream.exchange().end(200);

        assertThat(seen).containsExactly("over false, keeps true");
        assertThat(stream.isOver()).isTrue();
        assertThat(stream.endedNanos()).isEqualTo(ENDED_NANOS);
    }
}
