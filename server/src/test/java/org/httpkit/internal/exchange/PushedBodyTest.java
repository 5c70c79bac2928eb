package org.httpkit.internal.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.net.FakeLoop;
import org.httpkit.internal.net.FakeWire;
import org.httpkit.internal.net.Link;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.httpkit.server.ServerOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an exchange has its stream do for a response that the application begins and writes. */
final class PushedBodyTest {
    private static final Response OK = Response.of(200);

    private final FakeStream stream = new FakeStream();
    private final List<String> failures = new ArrayList<>();
    private final Exchange exchange = exchange();

    private Exchange exchange() {
        ServerObserver observer = new ServerObserver() {
            @Override
            public void handlerFailed(Request request, Throwable failure) {
                failures.add(String.valueOf(failure.getMessage()));
            }
        };
        ServerOptions options = HttpServer.builder()
                .dispatch(Dispatch.WORKER)
                .observer(observer)
                .handler(request -> Response.of(200))
                .options();
        RequestHead head = RequestHead.of("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        ServerContext context = ServerContext.of(options, Runnable::run, observer);
        return new Exchange(stream, context, new Link(new FakeLoop(), new FakeWire()), head, 0);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void sendsASmallBodyWithItsHead() throws IOException {
        OutputStream body = exchange.beginResponse(OK, 5);
        body.write(bytes("hel"));
        body.write(bytes("lo"));
        assertThat(stream.calls).isEmpty();

        body.close();

        assertThat(stream.calls).containsExactly("begin 200 of 5 hello", "end", "over");
    }

    @Test
    void tellsTheDeclaredLengthAheadOfTheFirstPiece() throws IOException {
        OutputStream body = exchange.beginResponse(OK, 6);
        body.write('a');
        body.flush();
        body.write(bytes("bcdef"));
        body.close();

        assertThat(stream.calls).containsExactly("begin 200 of 6 a", "data bcdef", "end", "over");
    }

    @Test
    void flushesTheHeadAlone() throws IOException {
        OutputStream body = exchange.beginResponse(OK, -1);
        body.flush();
        body.flush();
        assertThat(stream.calls).containsExactly("begin 200 of -1");

        body.write('a');
        body.close();

        assertThat(stream.calls).containsExactly("begin 200 of -1", "data a", "end", "over");
    }

    @Test
    void knowsTheLengthOfAShortBodyThatDeclaredNone() throws IOException {
        OutputStream body = exchange.beginResponse(OK, -1);
        body.write(bytes("short"));
        body.close();

        assertThat(stream.calls).containsExactly("begin 200 of 5 short", "end", "over");
    }

    @Test
    void sendsAnEmptyBody() throws IOException {
        exchange.beginResponse(OK, 0).close();

        assertThat(stream.calls).containsExactly("begin 200 of 0", "end", "over");
    }

    @Test
    void cutsABodyThatIsTooShort() throws IOException {
        OutputStream body = exchange.beginResponse(OK, 6);
        body.write('a');
        body.flush();

        assertThatThrownBy(body::close)
                .isInstanceOf(IOException.class)
                .hasMessage("The body ended after 1 of 6 declared bytes");

        assertThat(stream.calls).containsExactly("begin 200 of 6 a", "abort: The response could not be completed");
        assertThat(failures).containsExactly("The body ended after 1 of 6 declared bytes");
    }

    @Test
    void answers500ForABodyThatIsTooShortIfNothingHasLeft() throws IOException {
        OutputStream body = exchange.beginResponse(OK, 6);
        body.write('a');

        assertThatThrownBy(body::close).isInstanceOf(IOException.class);

        assertThat(stream.calls).containsExactly("whole 500 of 21 Internal Server Error", "over");
    }

    @Test
    void refusesMoreThanTheDeclaredLength() throws IOException {
        OutputStream body = exchange.beginResponse(OK, 3);
        body.write(bytes("ab"));
        body.flush();

        assertThatThrownBy(() -> body.write(bytes("cd")))
                .isInstanceOf(IOException.class)
                .hasMessage("The body has more than the 3 declared bytes");
        body.close(); // the writer knows

        assertThat(stream.calls).containsExactly("begin 200 of 3 ab", "abort: The response could not be completed");
        assertThat(failures).containsExactly("The body has more than the 3 declared bytes");
    }

    @Test
    void refusesMoreThanTheDeclaredLengthAfterAllOfItHasLeft() throws IOException {
        OutputStream body = exchange.beginResponse(OK, 2);
        body.write(bytes("ab"));
        body.flush();

        assertThatThrownBy(() -> body.write('c')).isInstanceOf(IOException.class);

        assertThat(stream.calls).containsExactly("begin 200 of 2 ab", "abort: The response could not be completed");
    }

    @Test
    void dropsWhatIsWrittenWhereNoContentFollows() throws IOException {
        stream.takesContent = false;

        OutputStream body = exchange.beginResponse(OK, 3);
        assertThat(stream.calls).containsExactly("begin 200 of 3", "end", "over");
        body.write(bytes("abcdef"));
        body.flush();
        body.close();

        assertThat(stream.calls).hasSize(3);
    }

    @Test
    void takesNothingAfterItsEnd() throws IOException {
        OutputStream body = exchange.beginResponse(OK, -1);
        body.close();
        body.close();

        assertThatThrownBy(() -> body.write('a'))
                .isInstanceOf(IOException.class)
                .hasMessage("The response is complete");
        assertThat(stream.calls).containsExactly("begin 200 of 0", "end", "over");
    }

    @Test
    void answers500ForAFieldThatCannotBeWritten() throws IOException {
        OutputStream body = exchange.beginResponse(OK.headers(Headers.of("Unwritable", "x")), 1);
        body.write('a');

        assertThatThrownBy(body::close).isInstanceOf(IOException.class);

        assertThat(stream.calls).containsExactly("whole 500 of 21 Internal Server Error", "over");
    }

    @Test
    void beginsOneResponseAtMost() throws IOException {
        OutputStream body = exchange.beginResponse(OK, -1);

        assertThatThrownBy(() -> exchange.beginResponse(OK, -1)).isInstanceOf(IllegalStateException.class);
        exchange.respond(Response.text("returned"));
        body.close();

        assertThat(stream.calls).containsExactly("begin 200 of 0", "end", "over");
    }

    @Test
    void refusesALengthBelowMinusOneAndAHeadWithABody() {
        assertThatThrownBy(() -> exchange.beginResponse(OK, -2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> exchange.beginResponse(Response.text("a"), 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> exchange.beginResponse(OK.trailers(Headers.empty()), 1))
                .isInstanceOf(IllegalArgumentException.class);

        exchange.respond(OK);
        assertThat(stream.calls).containsExactly("whole 200 of 0", "over");
    }

    @Test
    void isCutByAHandlerThatThrows() throws IOException {
        OutputStream body = exchange.beginResponse(OK, 3);
        body.write('a');

        exchange.fail(new IllegalStateException("on purpose"));

        assertThat(stream.calls).containsExactly("abort: The response could not be completed");
        assertThat(failures).containsExactly("on purpose");
        assertThatThrownBy(body::close).isInstanceOf(IOException.class);
        body.close(); // told once
    }

    @Test
    void isCutIfTheRestOfTheRequestIsRefused() throws IOException {
        OutputStream body = exchange.beginResponse(OK, -1);
        body.write(bytes("some"));

        exchange.fail(RefusedBodyException.untold(Status.BAD_REQUEST, "A chunk without a length", null));

        assertThat(stream.calls).hasSize(1);
        assertThat(stream.calls.get(0)).startsWith("abort");
        assertThat(failures).as("the client's fault, not the handler's").isEmpty();
    }

    @Test
    void staysCompleteIfTheHandlerThrowsAfterItsEnd() throws IOException {
        exchange.beginResponse(OK, -1).close();

        exchange.fail(new IllegalStateException("on purpose"));

        assertThat(stream.calls).containsExactly("begin 200 of 0", "end", "over");
    }

    @Test
    void tellsTheWriterThatTheClientHasGone() throws IOException {
        OutputStream body = exchange.beginResponse(OK, 3);
        body.write('a');
        body.flush();

        exchange.connectionClosed(null, false);

        assertThatThrownBy(() -> body.write('b')).isInstanceOf(IOException.class);
        body.close();
        assertThat(stream.calls).containsExactly("begin 200 of 3 a");
        assertThat(failures).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1})
    void endsQuietlyIfTheClientHasGoneWithAllOfTheBody(long length) throws IOException {
        OutputStream body = exchange.beginResponse(OK, length);
        body.write('a');
        body.flush();

        exchange.connectionClosed(null, false);

        body.close();
        assertThat(failures).isEmpty();
    }

    @Test
    void tellsTheWriterWhoFlushesThatItsHandlerHasFailed() throws IOException {
        OutputStream body = exchange.beginResponse(OK, 3);
        body.write('a');
        exchange.fail(new IllegalStateException("on purpose"));

        assertThatThrownBy(body::flush)
                .isInstanceOf(IOException.class)
                .hasMessage("The response was cut, since its handler has failed");
    }

    @Test
    void tellsTheWriterWhoClosesThatTheClientHasGoneWithoutTheRest() throws IOException {
        OutputStream body = exchange.beginResponse(OK, -1);
        body.write('a');
        body.flush();
        body.write('b');

        exchange.connectionClosed(null, false);

        assertThatThrownBy(body::close).isInstanceOf(IOException.class).hasMessage("The client has gone");
        body.close();
    }

    @Test
    void writesNothingAfterItsEndIfThatIsNothing() throws IOException {
        OutputStream body = exchange.beginResponse(OK, -1);
        body.close();

        body.write(new byte[0]);

        assertThat(stream.calls).containsExactly("begin 200 of 0", "end", "over");
    }

    @Test
    void findsOutThatTheClientHasGoneWhenItWrites() throws IOException {
        OutputStream body = exchange.beginResponse(OK, 3);
        stream.closed = true;
        body.write('a');

        assertThatThrownBy(body::flush).isInstanceOf(IOException.class);

        assertThat(stream.calls).containsExactly("begin 200 of 3 a", "abort: The client has gone");
        assertThat(failures).isEmpty();
    }
}
