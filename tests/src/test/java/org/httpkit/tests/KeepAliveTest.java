package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.httpkit.server.Handler;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.Splits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a connection is kept for another request, and when it is closed (RFC 9112 section 9.3). */
final class KeepAliveTest extends ServerTest {
    private static final Handler PATH = request -> Response.text(request.path());

    @Test
    void keepsAnHttp11ConnectionWithoutSayingSo() throws Exception {
        RawClient client = connect(serve(PATH));

        for (int i = 0; i < 3; i++) {
            RawResponse response = client.send(get("/" + i)).read();
            assertThat(response.text()).isEqualTo("/" + i);
            assertThat(response.field("Connection")).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"close", "Close", "keep-alive, close", "foo,close,bar", "  close "})
    void closesAnHttp11ConnectionIfTheClientListsClose(String connection) throws Exception {
        RawClient client = connect(serve(PATH));

        RawResponse response =
                client.send(get("/a", "Connection: " + connection)).read();

        assertThat(response.text()).isEqualTo("/a");
        assertThat(response.saysClose()).isTrue();
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void closesIfASecondConnectionFieldSaysClose() throws Exception {
        RawClient client = connect(serve(PATH));

        RawResponse response =
                client.send(get("/a", "Connection: foo", "Connection: close")).read();

        assertThat(response.saysClose()).isTrue();
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void takesNoMemberForCloseThatOnlyContainsTheWord() throws Exception {
        RawClient client = connect(serve(PATH));

        client.send(get("/a", "Connection: enclosed, closed")).read();

        assertThat(client.send(get("/b")).read().text()).isEqualTo("/b");
    }

    @Test
    void closesAnHttp10ConnectionUnlessAskedToKeepIt() throws Exception {
        RawClient client = connect(serve(PATH));

        RawResponse response = client.send("GET /a HTTP/1.0\r\n\r\n").read();

        assertThat(response.text()).isEqualTo("/a");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"keep-alive", "Keep-Alive", "foo, keep-alive"})
    void keepsAnHttp10ConnectionIfAskedToAndSaysSo(String connection) throws Exception {
        RawClient client = connect(serve(PATH));
        String request = "GET /a HTTP/1.0\r\nConnection: " + connection + "\r\n\r\n";

        for (int i = 0; i < 2; i++) {
            RawResponse response = client.send(request).read();
            assertThat(response.field("Connection")).isEqualToIgnoringCase("keep-alive");
            assertThat(response.framing()).isEqualTo(RawResponse.Framing.LENGTH);
        }
    }

    @Test
    void closesAnHttp10ConnectionThatAsksForBoth() throws Exception {
        RawClient client = connect(serve(PATH));

        client.send("GET /a HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n").read();

        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void answersHttp10RequestsWithoutHostAsHttp11ServersDo() throws Exception {
        RawClient client = connect(serve(PATH));

        RawResponse response = client.send("GET /a HTTP/1.0\r\n\r\n").read();

        assertThat(response.statusLine()).isEqualTo("HTTP/1.1 200 OK");
    }

    @Test
    void closesIfTheHandlerSaysSo() throws Exception {
        RawClient client = connect(serve(request -> Response.text("last").header("Connection", "close")));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.fields("Connection")).containsExactly("close");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void understandsARequestHoweverItWasSplit() throws Exception {
        RawClient client = connect(
                serve(request -> Response.text(request.path() + request.body().text())));
        byte[] request = post("/a", "body", "X-Field: some value").getBytes(StandardCharsets.ISO_8859_1);

        for (List<byte[]> pieces : Splits.everyInTwo(request)) {
            assertThat(client.send(pieces).read().text()).isEqualTo("/abody");
        }
        assertThat(client.send(Splits.byteByByte(request)).read().text()).isEqualTo("/abody");
    }

    @Test
    void skipsOneEmptyLineBetweenRequests() throws Exception {
        RawClient client = connect(serve(PATH));

        client.send(get("/a")).read();

        assertThat(client.send("\r\n" + get("/b")).read().text()).isEqualTo("/b");
    }
}
