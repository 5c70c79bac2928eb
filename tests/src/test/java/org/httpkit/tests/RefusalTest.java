package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that the server answers by itself because they break a rule. */
final class RefusalTest extends ServerTest {
    private final AtomicInteger handled = new AtomicInteger();
    private final Handler counting = request -> {
        handled.incrementAndGet();
        return Response.text("fine");
    };

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | GET / HTTP/1.1~~",
                "400 | GET  / HTTP/1.1~Host: a~~",
                "400 | GET / HTTP/1.1~Host: a~Host: a~~",
                "400 | GET / HTTP/1.1~Host: a~Field : x~~",
                "400 | GET / HTTP/1.1~Host: a~Content-Length: +1~~",
                "400 | POST / HTTP/1.1~Host: a~Content-Length: 1~Transfer-Encoding: chunked~~",
                "400 | POST / HTTP/1.0~Transfer-Encoding: chunked~~",
                "501 | POST / HTTP/1.1~Host: a~Transfer-Encoding: gzip, chunked~~",
                "505 | GET / HTTP/2.0~Host: a~~",
                "405 | CONNECT a:80 HTTP/1.1~Host: a:80~~",
            })
    void answersABrokenRuleSaysCloseAndCloses(int status, String request) throws Exception {
        RawClient client = connect(serve(counting));

        RawResponse response = client.send(request.replace("~", "\r\n")).read();

        assertThat(response.status()).isEqualTo(status);
        assertThat(response.saysClose()).isTrue();
        assertThat(response.text()).isNotEmpty();
        assertThat(response.field("Date")).isNotNull();
        assertThat(handled).hasValue(0);
        client.endOutput();
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(observer.refusals()).singleElement().satisfies(refusal -> {
            assertThat(refusal.status()).isEqualTo(status);
            assertThat(refusal.rule()).contains("RFC");
        });
        assertThat(observer.statuses()).containsExactly(status);
    }

    @Test
    void saysThatNothingIsAllowedWhereItRefusesAMethod() throws Exception {
        RawClient client = connect(serve(counting));

        assertThat(client.send(request("CONNECT a:80 HTTP/1.1")).read().field("Allow"))
                .isEmpty();
    }

    @Test
    void refusesALongRequestLineWith414() throws Exception {
        HttpServer server = serve(counting, options -> options.maxLineBytes(100));

        assertThat(connect(server).send(get("/" + "a".repeat(100))).read().status())
                .isEqualTo(414);
        assertThat(connect(server).send(get("/" + "a".repeat(50))).read().status())
                .isEqualTo(200);
    }

    @Test
    void refusesALongFieldLineWith431() throws Exception {
        HttpServer server = serve(counting, options -> options.maxLineBytes(100));

        assertThat(connect(server)
                        .send(get("/", "X: " + "a".repeat(100)))
                        .read()
                        .status())
                .isEqualTo(431);
    }

    @Test
    void refusesTooManyFieldsWith431() throws Exception {
        HttpServer server = serve(counting, options -> options.maxHeaderCount(3));

        assertThat(connect(server).send(get("/", "A: 1", "B: 2")).read().status())
                .isEqualTo(200);
        assertThat(connect(server).send(get("/", "A: 1", "B: 2", "C: 3")).read().status())
                .isEqualTo(431);
    }

    @Test
    void refusesALongHeadWith431() throws Exception {
        HttpServer server = serve(counting, options -> options.maxHeaderBytes(200));

        assertThat(connect(server)
                        .send(get("/", "A: " + "1".repeat(90), "B: " + "2".repeat(120)))
                        .read()
                        .status())
                .isEqualTo(431);
    }

    @Test
    void sendsNoBodyToARefusedHead() throws Exception {
        RawClient client = connect(serve(counting));

        RawResponse response =
                client.send(request("HEAD / HTTP/1.1", "Expect: tea")).readToHeadRequest();

        assertThat(response.status()).isEqualTo(417);
        client.endOutput();
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void takesInWhatTheClientIsStillSendingSoThatItReadsTheAnswer() throws Exception {
        RawClient client = connect(serve(counting, options -> options.maxBodyBytes(10)));

        client.send(request("POST / HTTP/1.1", "Content-Length: " + (1 << 20)));
        for (int i = 0; i < 16; i++) {
            client.send(new byte[1 << 16]);
        }

        assertThat(client.read().status()).isEqualTo(413);
        client.endOutput();
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void holdsAClientThatSendsEndlesslyUntilItHasReadTheAnswer() throws Exception {
        HttpServer server = serve(counting, options -> options.maxBodyBytes(10).closeTimeout(Duration.ofSeconds(3)));
        RawClient client = connect(server);

        client.send(request("POST / HTTP/1.1", "Content-Length: " + (1L << 40)));

        assertThat(client.sendUntilHeld(new byte[1 << 16], A_MOMENT, 64 << 20)).isLessThan(64 << 20);
        assertThat(client.read().status()).isEqualTo(413);
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
    }

    @Test
    void holdsAClientWhoseStreamedBodyIsNotReadUntilItHasReadTheAnswer() throws Exception {
        HttpServer server = serve(
                Handler.streaming(request -> Response.of(401)), options -> options.closeTimeout(Duration.ofSeconds(3)));
        RawClient client = connect(server);

        client.send(request("POST / HTTP/1.1", "Content-Length: " + (1L << 40)));

        assertThat(client.sendUntilHeld(new byte[1 << 16], A_MOMENT, 64 << 20)).isLessThan(64 << 20);
        assertThat(client.read().status()).isEqualTo(401);
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
    }

    @Test
    void refusesOneConnectionOnly() throws Exception {
        HttpServer server = serve(counting, options -> options.eventLoops(1));
        RawClient good = connect(server);
        good.send(get("/")).read();

        for (int i = 0; i < 20; i++) {
            connect(server).send("\0\1\2 bad\r\n\r\n").read();
        }

        assertThat(good.send(get("/")).read().text()).isEqualTo("fine");
    }
}
