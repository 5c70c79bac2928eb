package org.httpkit.server;

import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.httpkit.http.Headers;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** A null that cannot be meant fails at once, and by its name: not in the thread that sends the answer. */
class NullArgumentsTest {
    @TestFactory
    Stream<DynamicTest> failAtOnceByTheirNames() {
        Response response = Response.text("fine");
        return Stream.of(
                fails("text", () -> Response.text(null)),
                fails("text", () -> Response.html(null)),
                fails("text", () -> Response.json(null)),
                fails("bytes", () -> Response.bytes((byte[]) null)),
                fails("bytes", () -> Response.bytes((ByteBuffer) null)),
                fails("path", () -> Response.file(null)),
                fails("stream", () -> Response.stream((InputStream) null)),
                fails("stream", () -> Response.stream(null, 5)),
                fails("writer", () -> Response.stream((BodyWriter) null)),
                fails("pieces", () -> Response.pieces(null)),
                fails("response", () -> Response.later(null)),
                fails("channel", () -> Response.channel(null)),
                fails("The value of field Location is null", () -> Response.seeOther(null)),
                fails("The value of field X-A is null", () -> response.header("X-A", null)),
                fails("field name", () -> response.header(null, "a")),
                fails("headers", () -> response.headers(null)),
                fails("body", () -> response.body(null)),
                fails("cookie", () -> response.cookie(null)),
                fails("The value of field X-A is null", () -> response.addHeader("X-A", null)),
                fails("name", () -> Cookie.of(null, "a")),
                fails("value", () -> Cookie.of("a", null)),
                fails("path", () -> Cookie.of("a", "b").path(null)),
                fails("maxAge", () -> Cookie.of("a", "b").maxAge(null)),
                fails("sameSite", () -> Cookie.of("a", "b").sameSite(null)),
                fails("request", () -> Cookies.of((Request) null)),
                fails("title", () -> Problem.of(404).title(null)),
                fails("value", () -> Problem.of(404).with("a", null)),
                fails("response", () -> ChannelOptions.DEFAULT.answerBy(Duration.ZERO, null)),
                fails("timeout", () -> ChannelOptions.DEFAULT.answerBy(null, response)),
                fails("compression", () -> HttpServer.builder().compression(null)),
                fails("The value of field X-A is null", () -> Headers.of("X-A", null)),
                fails("field name", () -> Headers.of(null, "a")),
                fails("The value of field X-A is null", () -> Headers.empty().plus("X-A", null)),
                fails("The value of field X-A is null", () -> Headers.empty().with("X-A", null)),
                fails("text", () -> Message.text(null)),
                fails("bytes", () -> Message.binary(null)),
                fails("data", () -> Event.of(null)),
                fails("comment", () -> Event.comment(null)),
                fails("id", () -> Event.of("a").id(null)),
                fails("type", () -> Event.of("a").type(null)),
                fails("retry", () -> Event.of("a").retry(null)),
                fails("headers", () -> ChannelOptions.DEFAULT.headers(null)),
                fails("whenFull", () -> ChannelOptions.DEFAULT.whenFull(null)),
                fails("handler", () -> Handler.streaming(null)),
                fails("sink", () -> AccessLog.common((Consumer<String>) null)),
                fails("stream", () -> AccessLog.common((OutputStream) null)),
                fails("file", () -> AccessLog.combined((Path) null)),
                fails("type", () -> Worker.builder().queueType(null)),
                fails("prefix", () -> Worker.builder().prefix(null)),
                fails("idleTimeout", () -> HttpServer.builder().idleTimeout((Duration) null)),
                fails("handler", () -> HttpServer.builder().handler(null)));
    }

    private static DynamicTest fails(String message, ThrowingCallable call) {
        return DynamicTest.dynamicTest(
                message, () -> assertThatNullPointerException().isThrownBy(call).withMessage(message));
    }
}
