package org.httpkit.internal.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.httpkit.http.Headers;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Cidr;
import org.httpkit.server.Compression;
import org.httpkit.server.Dispatch;
import org.httpkit.server.FinishedExchange.Outcome;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.httpkit.server.UrlEncoded;
import org.httpkit.testing.PlayedConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A request and its response, from the handler's side and the client's. */
final class ExchangeTest {
    private static final String GET = "GET /a?q=1 HTTP/1.1\r\nHost: a.example\r\n\r\n";

    private final CompletableFuture<Response> later = new CompletableFuture<>();
    private PlayedConnection connection;
    private Request last;

    private PlayedConnection serving(Handler handler, Consumer<HttpServer.Builder> more) {
        connection = PlayedConnection.serving(
                new Handler() {
                    @Override
                    public Response handle(Request request) throws Exception {
                        last = request;
                        return handler.handle(request);
                    }

                    @Override
                    public boolean streamsBody(Request request) {
                        return handler.streamsBody(request);
                    }

                    @Override
                    public boolean answersHeadByGet() {
                        return handler.answersHeadByGet();
                    }
                },
                more);
        return connection;
    }

    private PlayedConnection serving(Handler handler) {
        return serving(handler, options -> {});
    }

    private String answerTo(String request, Handler handler) {
        return serving(handler).ask(request);
    }

    private static String with(String... lines) {
        return GET.replace("\r\n\r\n", "\r\n" + String.join("\r\n", lines) + "\r\n\r\n");
    }

    private static String content(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    // ---- what a handler sees

    @Test
    void showsTheHandlerItsRequest() {
        serving(request -> Response.of(204));
        connection.wire.remote = new InetSocketAddress("192.0.2.1", 1000);
        connection.wire.local = new InetSocketAddress("192.0.2.2", 80);
        connection.pass(300).ask(with("X: y"));

        assertThat(last.method().toString()).isEqualTo("GET");
        assertThat(last.target()).isEqualTo("/a?q=1");
        assertThat(last.path()).isEqualTo("/a");
        assertThat(last.query()).isEqualTo("q=1");
        assertThat(last.version().toString()).contains("1");
        assertThat(last.headers().first("x")).isEqualTo("y");
        assertThat(last.scheme()).isEqualTo("http");
        assertThat(last.authority()).isEqualTo("a.example");
        assertThat(last.remoteAddress()).isEqualTo(connection.wire.remote);
        assertThat(last.peerAddress()).isEqualTo(connection.wire.remote);
        assertThat(last.localAddress()).isEqualTo(connection.wire.local);
        assertThat(last.proxyInfo()).isNull();
        assertThat(last.tls()).isNull();
        assertThat(last.receivedNanos()).isEqualTo(300_000_000L);
        assertThat(last.isWebSocketUpgrade()).isFalse();
        assertThat(last.isCancelled()).isFalse();
        assertThat(last.body().length()).isZero();
        assertThat(last.trailers().size()).isZero();
        assertThat(last.toString()).isEqualTo("GET /a?q=1");
    }

    @Test
    void believesATrustedProxyAboutItsClient() {
        serving(request -> Response.of(204), options -> options.trustedProxies(Cidr.of("192.0.2.0/24")));
        connection.wire.remote = new InetSocketAddress("192.0.2.1", 1000);
        connection.ask(with("Forwarded: for=198.51.100.7;proto=https;host=b.example"));

        assertThat(last.remoteAddress()).isEqualTo(new InetSocketAddress("198.51.100.7", 0));
        assertThat(last.peerAddress()).isEqualTo(connection.wire.remote);
        assertThat(last.scheme()).isEqualTo("https");
        assertThat(last.authority()).isEqualTo("b.example");
    }

    @Test
    void doesNotBelieveOthers() {
        serving(request -> Response.of(204), options -> options.trustedProxies(Cidr.of("192.0.2.0/24")));
        connection.wire.remote = new InetSocketAddress("203.0.113.1", 1000);
        connection.ask(with("Forwarded: for=198.51.100.7;proto=https;host=b.example"));

        assertThat(last.remoteAddress()).isEqualTo(connection.wire.remote);
        assertThat(last.scheme()).isEqualTo("http");
        assertThat(last.authority()).isEqualTo("a.example");
    }

    @Test
    void refusesForwardingFieldsThatContradictEachOther() {
        serving(request -> Response.of(204), options -> options.trustedProxies(Cidr.of("192.0.2.0/24")));
        connection.wire.remote = new InetSocketAddress("192.0.2.1", 1000);

        assertThat(connection.ask(with("Forwarded: for=198.51.100.7", "X-Forwarded-For: 198.51.100.8")))
                .startsWith("HTTP/1.1 400 ");
    }

    @ParameterizedTest
    @CsvSource({"80, http", "443, https"})
    void believesTheHeaderOfTheProxyProtocol(int port, String scheme) {
        serving(request -> Response.of(204), options -> options.proxyProtocol(ProxyProtocol.ENABLED));
        connection.wire.remote = new InetSocketAddress("192.0.2.1", 1000);
        connection.ask("PROXY TCP4 198.51.100.7 203.0.113.9 5000 " + port + "\r\n"
                + with("X-Forwarded-For: 10.0.0.1", "X-Forwarded-Proto: gopher", "X-Forwarded-Port: 7", "Y: z"));

        assertThat(last.remoteAddress()).isEqualTo(new InetSocketAddress("198.51.100.7", 5000));
        assertThat(last.scheme()).isEqualTo(scheme);
        assertThat(last.headers().all("X-Forwarded-For")).containsExactly("198.51.100.7");
        assertThat(last.headers().all("X-Forwarded-Proto")).containsExactly(scheme);
        assertThat(last.headers().all("X-Forwarded-Port")).containsExactly("" + port);
        assertThat(last.headers().first("Y")).isEqualTo("z");
        assertThat(last.proxyInfo().source()).isEqualTo(new InetSocketAddress("198.51.100.7", 5000));
        assertThat(last.proxyInfo().destination()).isEqualTo(new InetSocketAddress("203.0.113.9", port));
    }

    @Test
    void doesNotTakeAProxyForTheClientThatItHides() {
        serving(request -> Response.of(204), options -> options.proxyProtocol(ProxyProtocol.ENABLED)
                .trustedProxies(Cidr.of("192.0.2.0/24")));
        connection.wire.remote = new InetSocketAddress("192.0.2.1", 1000);
        connection.ask("PROXY UNKNOWN\r\n" + with("X-Forwarded-For: 10.0.0.1"));

        assertThat(last.remoteAddress()).isEqualTo(connection.wire.remote);
        assertThat(last.headers().all("X-Forwarded-For")).containsExactly("192.0.2.1");
    }

    // ---- what a handler returns

    @Test
    void answersNullWith404() {
        assertThat(answerTo(GET, request -> null)).startsWith("HTTP/1.1 404 Not Found\r\n");
    }

    @Test
    void answersAFailureWith500AndTellsTheObserver() {
        assertThat(answerTo(GET, request -> {
                    throw new IOException("broken");
                }))
                .startsWith("HTTP/1.1 500 ")
                .endsWith("Internal Server Error");
        assertThat(connection.events()).containsExactly("handler failed: broken", "responded 500", "finished ANSWERED");
        assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void shapesItsOwnAnswersByThePagesOfTheApplication() {
        serving(
                request -> null,
                options -> options.errorPages((status, reason, request) ->
                        Response.html("<p>" + status + reason + request.path()).header("Own", "yes")));

        assertThat(connection.ask(GET))
                .startsWith("HTTP/1.1 404 Not Found\r\nContent-Type: text/html; charset=utf-8\r\nOwn: yes\r\n")
                .endsWith("<p>404Not Found/a");
    }

    @Test
    void answersPlainlyIfAPageFails() {
        serving(
                request -> {
                    throw new IllegalStateException("broken");
                },
                options -> options.errorPages((status, reason, request) -> {
                    throw new IllegalStateException("no page");
                }));

        assertThat(connection.ask(GET)).startsWith("HTTP/1.1 500 ").endsWith("Internal Server Error");
        assertThat(connection.events()).startsWith("handler failed: broken", "page failed: no page");
    }

    @Test
    void keepsTheFieldsOfItsOwnAnswerBesideThoseOfThePage() {
        serving(request -> null, options -> options.errorPages((status, reason, request) -> Response.html("page")));
        connection.workerIsFull = true;
        ErrorAnswers.prepare(connection.context);

        assertThat(connection.ask(GET))
                .contains("Retry-After: 1\r\n", "text/html")
                .endsWith("page");
    }

    @Test
    void answersWhenALaterResponseCompletes() {
        assertThat(answerTo(GET, request -> Response.later(later))).isEmpty();

        later.complete(Response.text("now"));

        assertThat(connection.settled()).endsWith("\r\n\r\nnow");
        assertThat(connection.events()).containsExactly("responded 200", "finished ANSWERED");
    }

    @Test
    @SuppressWarnings({"rawtypes", "unchecked"}) // as a dynamic language would
    void answers500WhenSomethingElseThanAResponseCompletes() {
        answerTo(GET, request -> Response.later(later));

        ((CompletableFuture) later).complete("no response");

        assertThat(connection.settled()).startsWith("HTTP/1.1 500 ");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void answers500WhenALaterResponseFails(boolean wrapped) {
        answerTo(GET, request -> Response.later(later));
        Exception failure = new IOException("broken");

        later.completeExceptionally(wrapped ? new CompletionException(failure) : failure);

        assertThat(connection.settled()).startsWith("HTTP/1.1 500 ");
        assertThat(connection.events()).startsWith("handler failed: broken");
    }

    @Test
    void tellsNothingOfALaterFailureForAClientThatHasGone() {
        answerTo(GET, request -> Response.later(later));
        connection.reset();
        connection.events();

        later.completeExceptionally(new IOException("of course"));

        assertThat(connection.settled()).isEmpty();
        assertThat(connection.events()).noneMatch(event -> event.startsWith("handler failed"));
        assertThat(last.isCancelled()).isTrue();
    }

    @Test
    void answers500IfTheChannelOfAnotherRequestIsReturned() {
        List<Response> channels = new ArrayList<>();
        serving(request -> {
            channels.add(request.asChannel(ChannelOptions.DEFAULT, new ChannelListener() {}));
            return channels.get(0);
        });
        connection.ask(GET);
        PlayedConnection other = PlayedConnection.serving(request -> channels.get(0));

        assertThat(other.ask(GET)).startsWith("HTTP/1.1 500 ");
        assertThat(other.events()).first().asString().contains("the channel of another request");
    }

    @Test
    void isAnsweredOrAChannelOnlyOnce() {
        answerTo(GET, request -> {
            Response channel = request.asChannel(ChannelOptions.DEFAULT, new ChannelListener() {});
            assertThatThrownBy(() -> request.asChannel(ChannelOptions.DEFAULT, new ChannelListener() {}))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> request.beginResponse(Response.of(200), 0))
                    .isInstanceOf(IllegalStateException.class);
            return channel;
        });
        assertThat(connection.events()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void answersHeadByGetIfTheHandlerWantsThat(Dispatch dispatch) {
        serving(
                new Handler() {
                    @Override
                    public Response handle(Request request) {
                        return request.method().toString().equals("GET") ? Response.text("hello") : null;
                    }

                    @Override
                    public boolean answersHeadByGet() {
                        return true;
                    }
                },
                options -> options.dispatch(dispatch));

        assertThat(connection.ask(GET.replace("GET", "HEAD")))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("Content-Length: 5")
                .endsWith("\r\n\r\n");
    }

    @Test
    void answers404ToHeadIfTheHandlerDoesNotWantThat() {
        Handler getAlone = new Handler() {
            @Override
            public Response handle(Request request) {
                return request.method().toString().equals("GET") ? Response.text("hello") : null;
            }

            @Override
            public boolean answersHeadByGet() {
                return false;
            }
        };

        assertThat(answerTo(GET.replace("GET", "HEAD"), getAlone)).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void collectsTheBodyIfTheHandlerCannotSayHowItWantsIt() {
        serving(new Handler() {
            @Override
            public Response handle(Request request) throws Exception {
                return Response.text(request.body().text());
            }

            @Override
            public boolean streamsBody(Request request) {
                throw new IllegalStateException("undecided");
            }
        });

        assertThat(connection.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"))
                .endsWith("body");
        assertThat(connection.events()).startsWith("handler failed: undecided");
    }

    @Test
    void readsTheTextOfABodyInItsCharset() {
        assertThat(answerTo(
                        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
                                + "Content-Length: 1\r\n\r\n\u00e4",
                        request -> Response.of(200)
                                .header(
                                        "Text",
                                        request.body().text()
                                                + request.body().stream().read()
                                                + request.body().bytes().length)))
                .contains("Text: \u00e42281\r\n");
    }

    @Test
    void givesTrailersOfAStreamedBodyOnceItIsRead() {
        serving(new Handler() {
            @Override
            public Response handle(Request request) throws Exception {
                String body = request.body().text();
                return Response.text(
                        body + request.trailers().first("Sum") + request.body().length());
            }

            @Override
            public boolean streamsBody(Request request) {
                return true;
            }
        });

        assertThat(connection.ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "2\r\nab\r\n0\r\nSum: 2\r\n\r\n"))
                .endsWith("ab2-1");
    }

    @Test
    void asksForAStreamedBodyWhenItIsFirstRead() {
        List<String> before = new ArrayList<>();
        serving(new Handler() {
            @Override
            public Response handle(Request request) throws Exception {
                before.add(connection.take());
                assertThat(request.body().stream().available()).isZero();
                connection.loop.execute(() -> connection.send("body"));
                // The read below is the worker's: the loop answers in between.
                connection.loop.execute(() -> {});
                return Response.of(200);
            }

            @Override
            public boolean streamsBody(Request request) {
                return true;
            }
        });

        assertThat(connection.ask("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"))
                .startsWith("HTTP/1.1 200 OK")
                .contains("Connection: close");
        assertThat(before).containsExactly("");
    }

    // ---- coded bodies

    private static byte[] gzipped(String text) throws IOException {
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(coded)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return coded.toByteArray();
    }

    private String post(String coding, byte[] body) {
        String head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: " + coding + "\r\nContent-Length: " + body.length
                + "\r\n\r\n";
        return connection.ask(head + new String(body, StandardCharsets.ISO_8859_1));
    }

    private static Handler echo(boolean streams) {
        return new Handler() {
            @Override
            public Response handle(Request request) throws Exception {
                return Response.text(request.body().text() + " "
                        + request.headers().first("Content-Encoding")
                        + request.headers().first("Content-Length"));
            }

            @Override
            public boolean streamsBody(Request request) {
                return streams;
            }
        };
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void decodesBodiesIfThatIsSwitchedOn(boolean streams) throws IOException {
        serving(echo(streams), options -> options.decompressRequests(true));

        assertThat(post("gzip", gzipped("hello"))).endsWith("\r\n\r\nhello nullnull");
        assertThat(connection.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nplain"))
                .endsWith("plain null5");
        assertThat(post("identity", "plain".getBytes(StandardCharsets.US_ASCII)))
                .endsWith("plain identity5");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesCodingsThatItDoesNotKnow(boolean streams) {
        serving(echo(streams), options -> options.decompressRequests(true));

        assertThat(post("tea", new byte[] {1})).startsWith("HTTP/1.1 415 ").contains("Accept-Encoding: gzip, deflate");
        assertThat(connection.events()).startsWith("refused 415", "responded 415");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesABodyThatIsNotInItsCoding(boolean streams) {
        serving(echo(streams), options -> options.decompressRequests(true));

        assertThat(post("gzip", new byte[] {1, 2, 3})).startsWith("HTTP/1.1 400 ");
        assertThat(connection.events()).startsWith("refused 400", "responded 400");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesABodyThatIsTooLongOnceDecoded(boolean streams) throws IOException {
        serving(
                echo(streams),
                options -> options.decompressRequests(true).maxBodyBytes(100).maxStreamedBodyBytes(100));

        assertThat(post("gzip", gzipped("x".repeat(101)))).startsWith("HTTP/1.1 413 ");
        serving(
                echo(streams),
                options -> options.decompressRequests(true).maxBodyBytes(100).maxStreamedBodyBytes(100));
        assertThat(post("gzip", gzipped("x".repeat(100)))).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void freesTheDecoderOfABodyThatIsNotReadToItsEnd() throws IOException {
        List<InputStream> bodies = new ArrayList<>();
        serving(
                new Handler() {
                    @Override
                    public Response handle(Request request) {
                        bodies.add(request.body().stream());
                        return Response.text("enough");
                    }

                    @Override
                    public boolean streamsBody(Request request) {
                        return true;
                    }
                },
                options -> options.decompressRequests(true));

        assertThat(post("gzip", gzipped("hello"))).endsWith("enough");
        assertThatThrownBy(bodies.get(0)::read)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has been closed, or its request has been answered");
    }

    @Test
    void refusesAStreamedBodyThatIsAnnouncedTooLong() {
        serving(echo(true), options -> options.maxStreamedBodyBytes(4));

        assertThat(connection.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ");
        assertThat(connection.events()).startsWith("refused 413", "responded 413");
    }

    @Test
    void refusesAFormWithMoreParametersThanItsHandlerTakes() {
        serving(request -> Response.text("" + UrlEncoded.parse(request.body().text(), 2)));

        assertThat(connection.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na&b"))
                .endsWith("{a=[], b=[]}");
        assertThat(connection.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na&b&c"))
                .startsWith("HTTP/1.1 413 ");
        assertThat(connection.events()).endsWith("refused 413", "responded 413", "finished ANSWERED");
        assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void refusesAFormThatIsParsedLater() {
        serving(request -> Response.later(CompletableFuture.completedFuture("a&b&c")
                .thenApply(form -> Response.text("" + UrlEncoded.parse(form, 2)))));

        assertThat(connection.ask(GET)).startsWith("HTTP/1.1 413 ");
    }

    // ---- responses that the application begins by itself

    @Test
    void sendsWhatIsWrittenToABegunResponse() {
        List<OutputStream> outs = new ArrayList<>();
        assertThat(answerTo(GET, request -> {
                    outs.add(request.beginResponse(Response.of(201), -1));
                    return null;
                }))
                .isEmpty();

        try (OutputStream out = outs.get(0)) {
            out.write('a');
            out.flush();
            assertThat(connection.settled()).endsWith("Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
            out.write("bcd".getBytes(StandardCharsets.US_ASCII), 1, 2);
        } catch (IOException e) {
            throw new AssertionError(e);
        }

        assertThat(connection.settled()).isEqualTo("2\r\ncd\r\n0\r\n\r\n");
        assertThat(connection.seen.finished.get(0).responseBodyBytes()).isEqualTo(3);
        assertThat(connection.ask(GET)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"-2, ''", "0, body"})
    void refusesAHeadThatNoResponseCanBeginWith(long length, String body) {
        assertThat(answerTo(GET, request -> {
                    request.beginResponse(body.isEmpty() ? Response.of(200) : Response.text(body), length);
                    return null;
                }))
                .startsWith("HTTP/1.1 500 ");
    }

    @Test
    void endsABegunResponseWithoutContentAtOnce() {
        assertThat(answerTo(GET.replace("GET", "HEAD"), request -> {
                    request.beginResponse(Response.of(200), 5);
                    return null;
                }))
                .isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    }

    // ---- conditions, ranges, codings

    @Test
    void answersAConditionalRequestWith304() {
        assertThat(answerTo(with("If-None-Match: \"1\""), request -> Response.text("hello")
                        .header("ETag", "\"1\"")))
                .isEqualTo("HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n");
        assertThat(answerTo(with("If-Match: \"2\""), request -> Response.text("hello")
                        .header("ETag", "\"1\"")))
                .startsWith("HTTP/1.1 412 ");
    }

    @ParameterizedTest
    @CsvSource({"bytes=1-2, el", "bytes=-2, lo", "bytes=3-, lo"})
    void sendsARangeOfAText(String range, String part) {
        String answer = answerTo(
                with("Range: " + range), request -> Response.text("hello").header("ETag", "\"1\""));

        assertThat(answer).startsWith("HTTP/1.1 206 Partial Content\r\n").contains("Content-Range: bytes ");
        assertThat(content(answer)).isEqualTo(part);
    }

    @Test
    void sendsSeveralRangesAsOneMessageOfParts() {
        String answer = answerTo(
                with("Range: bytes=0-0,2-3"), request -> Response.text("hello").header("ETag", "\"1\""));

        assertThat(answer)
                .startsWith("HTTP/1.1 206 ")
                .contains(
                        "Content-Type: multipart/byteranges",
                        "Content-Range: bytes 0-0/5",
                        "Content-Range: bytes 2-3/5");
    }

    @Test
    void refusesARangeBehindTheEnd() {
        assertThat(answerTo(with("Range: bytes=5-"), request -> Response.text("hello")
                        .header("ETag", "\"1\"")))
                .startsWith("HTTP/1.1 416 ")
                .contains("Content-Range: bytes */5", "Accept-Ranges: bytes");
    }

    @Test
    void sendsARangeOfAStreamOfKnownLength() {
        String answer = answerTo(with("Range: bytes=2-3"), request -> Response.stream(
                        new ByteArrayInputStream("hello".getBytes(StandardCharsets.US_ASCII)), 5)
                .header("ETag", "\"1\""));

        assertThat(answer).startsWith("HTTP/1.1 206 ").endsWith("\r\n\r\nll");
    }

    @Test
    void sendsRangesOfAFile(@TempDir Path folder) throws IOException {
        byte[] bytes = new byte[200_000];
        bytes[100_000] = 'x';
        Path file = Files.write(folder.resolve("a"), bytes);

        assertThat(answerTo(with("Range: bytes=100000-100000"), request -> Response.file(file)))
                .startsWith("HTTP/1.1 206 ")
                .endsWith("\r\n\r\nx");
        assertThat(answerTo(with("Range: bytes=100000-100001,5-6"), request -> Response.file(file)))
                .contains("multipart/byteranges", "x\0\r\n--");
        assertThat(answerTo(GET, request -> Response.file(file)))
                .contains("Content-Length: 200000", "ETag: ", "Last-Modified: ", "Accept-Ranges: bytes")
                .hasSizeGreaterThan(200_000);
        assertThat(answerTo(GET, request -> Response.file(folder.resolve("none"))))
                .startsWith("HTTP/1.1 404 ");
        assertThat(answerTo(GET, request -> Response.file(folder))).startsWith("HTTP/1.1 4");
    }

    private String coded(String accept, Response response) {
        serving(
                request -> response,
                options -> options.compression(Compression.on().minBytes(10)));
        return connection.ask(with("Accept-Encoding: " + accept));
    }

    @Test
    void compressesWhatIsWorthIt() {
        assertThat(coded("gzip", Response.text("hello ".repeat(100))))
                .contains("Content-Encoding: gzip", "Vary: Accept-Encoding");
        assertThat(coded("gzip", Response.text("short"))).doesNotContain("Content-Encoding", "Vary");
        assertThat(coded("gzip", Response.bytes(new byte[100]).header("Content-Type", "image/png")))
                .doesNotContain("Content-Encoding", "Vary");
        assertThat(coded("identity", Response.text("hello ".repeat(100))))
                .doesNotContain("Content-Encoding")
                .contains("Vary: Accept-Encoding");
        assertThat(coded("gzip", Response.text("hello ".repeat(100)).header("Cache-Control", "no-transform")))
                .doesNotContain("Content-Encoding");
        assertThat(coded("gzip", Response.text("hello ".repeat(100)).header("Content-Range", "bytes 0-1/2")))
                .doesNotContain("Content-Encoding");
    }

    @Test
    void refusesAClientThatTakesNoFormOfAResponse() {
        assertThat(coded("identity;q=0, tea", Response.text("hello ".repeat(100))))
                .startsWith("HTTP/1.1 406 ");
        assertThat(coded(
                        "identity;q=0, tea", Response.text("hello ".repeat(100)).status(404)))
                .startsWith("HTTP/1.1 404 ")
                .contains("Vary: Accept-Encoding");
    }

    @Test
    void weakensTheTagOfACompressedResponse() {
        assertThat(coded(
                        "gzip",
                        Response.text("hello ".repeat(100))
                                .header("ETag", "\"1\"")
                                .header("Vary", "Cookie")))
                .contains("ETag: W/\"1\"", "Vary: Cookie, Accept-Encoding");
        assertThat(coded("gzip", Response.text("hello ".repeat(100)).header("Vary", "*")))
                .contains("Vary: *\r\n");
    }

    @Test
    void compressesLongAndStreamedContentOnTheWorker() throws IOException {
        for (Response response : List.of(
                Response.text("hello ".repeat(300_000)),
                Response.bytes(java.nio.ByteBuffer.wrap("hello ".repeat(300_000).getBytes(StandardCharsets.US_ASCII)))
                        .header("Content-Type", "text/plain"),
                Response.text("hello ".repeat(10_000)),
                Response.stream(new ByteArrayInputStream("hello ".repeat(1000).getBytes(StandardCharsets.US_ASCII)))
                        .header("Content-Type", "text/plain"))) {
            assertThat(coded("gzip", response)).startsWith("HTTP/1.1 200 ").contains("Content-Encoding: gzip");
            assertThat(connection.events()).containsExactly("responded 200", "finished ANSWERED");
            assertThat(connection.context.coders().reserved()).isZero();
        }
    }

    private static String gunzipped(String answer) throws IOException {
        byte[] content = content(answer).getBytes(StandardCharsets.ISO_8859_1);
        if (answer.contains("Transfer-Encoding: chunked")) {
            ByteArrayOutputStream joined = new ByteArrayOutputStream();
            String chunks = content(answer);
            for (int at = 0; at < chunks.length(); ) {
                int line = chunks.indexOf("\r\n", at);
                int length = Integer.parseInt(chunks.substring(at, line), 16);
                joined.writeBytes(chunks.substring(line + 2, line + 2 + length).getBytes(StandardCharsets.ISO_8859_1));
                at = line + 4 + length;
            }
            content = joined.toByteArray();
        }
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(content))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void cutsACompressedStreamThatIsShorterThanDeclared() {
        String answer = coded(
                "gzip",
                Response.stream(new ByteArrayInputStream(new byte[100_000]), 200_000)
                        .header("Content-Type", "text/plain"));

        assertThat(answer).doesNotContain("\r\n0\r\n\r\n");
        assertThat(connection.events()).first().asString().contains("100000 of 200000 declared bytes");
    }

    @Test
    void sendsACompressedStreamPieceByPiece() {
        List<String> received = new ArrayList<>();
        serving(
                request -> Response.stream(out -> {
                            for (int i = 0; i < 3; i++) {
                                out.write("hello ".repeat(10).getBytes(StandardCharsets.US_ASCII));
                                out.flush();
                                received.add(connection.take());
                            }
                        })
                        .header("Content-Type", "text/plain"),
                options -> options.compression(Compression.on()));
        connection.ask(with("Accept-Encoding: gzip"));

        assertThat(received).hasSize(3).noneMatch(String::isEmpty);
    }

    @Test
    void answersAConditionalRequestInsteadOfCompressing() {
        assertThat(coded(
                        "gzip\r\nIf-None-Match: W/\"1\"",
                        Response.text("hello ".repeat(100)).header("ETag", "\"1\"")))
                .startsWith("HTTP/1.1 304 ");
        assertThat(connection.context.coders().reserved()).isZero();
    }

    @Test
    void closesAStreamWhoseFormTheClientDoesNotTake() {
        List<String> closed = new ArrayList<>();
        InputStream source = new FilterInputStream(new ByteArrayInputStream(new byte[5000])) {
            @Override
            public void close() {
                closed.add("closed");
            }
        };

        assertThat(coded("identity;q=0, tea", Response.stream(source).header("Content-Type", "text/plain")))
                .startsWith("HTTP/1.1 406 ");
        assertThat(closed).containsExactly("closed");
    }

    @Test
    void answers503IfTheWorkerHasNoRoomToCompress() {
        serving(request -> Response.later(later), options -> options.compression(Compression.on()));
        connection.ask(with("Accept-Encoding: gzip"));
        connection.workerIsFull = true;
        later.complete(Response.text("hello ".repeat(10_000)));

        assertThat(connection.settled()).startsWith("HTTP/1.1 503 ");
        assertThat(connection.events()).startsWith("worker saturated", "responded 503");
        assertThat(connection.context.coders().reserved()).isZero();
    }

    @Test
    void compressesNoMoreAnswersAtOnceThanItHasCodersFor() {
        serving(
                request -> Response.text("hello ".repeat(1000)),
                options -> options.compression(Compression.on().maxCoders(1)));
        assertThat(connection.context.coders().reserve("gzip", 6, 1)).isNotNull();

        assertThat(connection.ask(with("Accept-Encoding: gzip")))
                .doesNotContain("Content-Encoding")
                .contains("Vary: Accept-Encoding");
    }

    @Test
    void compressesFilesThatAreWorthIt(@TempDir Path folder) throws IOException {
        Path small = Files.writeString(folder.resolve("a.txt"), "hello ".repeat(1000));
        Path large = Files.writeString(folder.resolve("b.txt"), "hello ".repeat(100_000));
        Path image = Files.write(folder.resolve("c.png"), new byte[200_000]);

        assertThat(gunzipped(coded("gzip", file(small)))).hasSize(6000);
        assertThat(gunzipped(coded("gzip", file(large)))).hasSize(600_000);
        assertThat(coded("gzip", Response.file(image).header("Content-Type", "image/png")))
                .doesNotContain("Content-Encoding")
                .hasSizeGreaterThan(200_000);
        assertThat(coded("identity;q=0, tea", file(large))).startsWith("HTTP/1.1 406 ");
        assertThat(coded("gzip\r\nRange: bytes=0-4", file(large)))
                .startsWith("HTTP/1.1 206 ")
                .endsWith("hello");
    }

    private static Response file(Path path) {
        return Response.file(path).header("Content-Type", "text/plain");
    }

    @Test
    void sendsTrailersOfAWholeContent(@TempDir Path folder) throws IOException {
        assertThat(answerTo(GET, request -> Response.text("hello").trailers(Headers.of("Sum", "5"))))
                .endsWith("5\r\nhello\r\n0\r\nSum: 5\r\n\r\n");
        assertThat(answerTo(GET, request -> Response.bytes(new byte[40_000]).trailers(Headers.of("Sum", "5"))))
                .contains("9c40\r\n")
                .endsWith("\r\n0\r\nSum: 5\r\n\r\n");
        assertThat(connection.seen.finished.get(0).responseBodyBytes()).isEqualTo(40_000);
        Path file = Files.write(folder.resolve("a"), new byte[100_000]);
        assertThat(answerTo(GET, request -> Response.file(file).trailers(Headers.of("Sum", "5"))))
                .endsWith("\r\n0\r\nSum: 5\r\n\r\n");
    }

    @Test
    void answersConditionsOfARequestWithoutContent() {
        assertThat(answerTo(with("If-None-Match: \"1\""), request -> Response.of(200)
                        .header("ETag", "\"1\"")))
                .startsWith("HTTP/1.1 304 ");
        assertThat(answerTo(with("If-Match: \"1\""), request -> Response.of(200).header("ETag", "\"1\"")))
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void ignoresRangesThatDoNotCount() {
        assertThat(answerTo(with("Range: bytes=1-2", "If-Range: \"2\""), request -> Response.text("hello")
                        .header("ETag", "\"1\"")))
                .startsWith("HTTP/1.1 200 ");
        assertThat(answerTo(with("Range: bytes=1-2"), request -> Response.text("hello")
                        .header("ETag", "\"1\"")
                        .header("Accept-Ranges", "none")))
                .startsWith("HTTP/1.1 200 ");
        assertThat(answerTo(with("Range: bytes=1-2"), request -> Response.text("hello")
                        .header("ETag", "\"1\"")
                        .conditional(false)))
                .startsWith("HTTP/1.1 200 ");
        assertThat(answerTo(with("Range: bytes=0-0,2-2"), request -> Response.stream(
                                new ByteArrayInputStream("hello".getBytes(StandardCharsets.US_ASCII)), 5)
                        .header("ETag", "\"1\"")))
                .startsWith("HTTP/1.1 200 ");
        assertThat(answerTo(with("Range: bytes=0-0"), request -> Response.stream(new ByteArrayInputStream(new byte[5]))
                        .header("ETag", "\"1\"")))
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void sendsRangesOfABuffer() {
        java.nio.ByteBuffer bytes = java.nio.ByteBuffer.wrap("xhello".getBytes(StandardCharsets.US_ASCII))
                .position(1);
        assertThat(answerTo(with("Range: bytes=1-2"), request -> Response.bytes(bytes)
                        .header("ETag", "\"1\"")))
                .endsWith("\r\n\r\nel");
        java.nio.ByteBuffer large =
                java.nio.ByteBuffer.allocate(100_000).put(50_000, (byte) 'm').position(1);
        String answer = answerTo(with("Range: bytes=9999-59999"), request -> Response.bytes(large)
                .header("ETag", "\"1\""));
        assertThat(content(answer)).hasSize(50_001);
        assertThat(content(answer).indexOf('m')).isEqualTo(40_000);
        byte[] array = new byte[100_000];
        array[50_000] = 'm';
        answer = answerTo(with("Range: bytes=10000-59999"), request -> Response.bytes(array)
                .header("ETag", "\"1\""));
        assertThat(content(answer).indexOf('m')).isEqualTo(40_000);
    }

    @Test
    void cutsAFileThatIsCutWhileItsPartsAreSent(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("a"), new byte[200_000]);
        serving(request -> {
            Response response = Response.file(file);
            return response;
        });
        connection.makeRoom(100);
        connection.ask(GET);
        Files.write(file, new byte[10]);
        connection.makeRoom(Integer.MAX_VALUE).settle();

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).contains("finished CUT", "closed HANDLER_ERROR");
    }

    @Test
    void answers500IfAFieldBesideAFileCannotBeWritten(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("a"), new byte[200_000]);
        Headers unwritable = new Headers() {
            @Override
            public int size() {
                return 1;
            }

            @Override
            public String name(int index) {
                return "A";
            }

            @Override
            public String value(int index) {
                return "a\r\nb";
            }
        };

        assertThat(answerTo(GET, request -> Response.file(file).headers(unwritable)))
                .startsWith("HTTP/1.1 500 ");
        assertThat(connection.events()).first().asString().startsWith("handler failed: ");
    }

    @Test
    void givesPermissionForABodyWhenItsHandlerReadsIt() {
        List<String> before = new ArrayList<>();
        serving(new Handler() {
            @Override
            public Response handle(Request request) throws Exception {
                before.add(connection.take());
                request.body().stream().read(new byte[0]);
                before.add(connection.take());
                Thread.currentThread().interrupt(); // it does not wait for the body in this test
                try {
                    request.body().stream().read();
                } catch (java.io.InterruptedIOException e) {
                    Thread.interrupted();
                }
                before.add(connection.take());
                return Response.of(200);
            }

            @Override
            public boolean streamsBody(Request request) {
                return true;
            }
        });
        String answer =
                connection.ask("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");

        assertThat(before).containsExactly("", "", "HTTP/1.1 100 Continue\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200 OK").doesNotContain("Connection: close");
    }

    @Test
    void saysInAnAnswerToHeadHowItWouldCompress() {
        serving(
                request -> Response.text("hello ".repeat(100)),
                options -> options.compression(Compression.on().minBytes(10)));

        assertThat(connection.ask(with("Accept-Encoding: gzip").replace("GET", "HEAD")))
                .contains("Content-Encoding: gzip")
                .endsWith("\r\n\r\n");
    }

    @Test
    void sendsPiecesOfAnyKind() {
        assertThat(answerTo(
                        GET,
                        request -> Response.pieces(java.util.Arrays.asList(
                                "one",
                                "two".getBytes(StandardCharsets.US_ASCII),
                                java.nio.ByteBuffer.wrap("three".getBytes(StandardCharsets.US_ASCII)),
                                null,
                                4))))
                .endsWith("3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n1\r\n4\r\n0\r\n\r\n");
    }

    @Test
    void cutsAStreamThatIsShorterThanDeclared() {
        assertThat(answerTo(GET, request -> Response.stream(new ByteArrayInputStream(new byte[30_000]), 40_000)))
                .contains("Content-Length: 40000");
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.seen.finished.get(0).outcome()).isEqualTo(Outcome.CUT);
    }

    @Test
    void answers500IfAFieldCannotBeWritten() {
        Headers unwritable = new Headers() {
            @Override
            public int size() {
                return 1;
            }

            @Override
            public String name(int index) {
                return "A";
            }

            @Override
            public String value(int index) {
                return "a\r\nb";
            }
        };

        assertThat(answerTo(GET, request -> Response.text("a").headers(unwritable)))
                .startsWith("HTTP/1.1 500 ");
        assertThat(answerTo(GET, request -> Response.of(200).headers(unwritable).body(ResponseBody.Empty.EMPTY)))
                .startsWith("HTTP/1.1 500 ");
    }

    // ---- what observers learn

    @Test
    void tellsObserversHowLongEachPartTook() {
        answerTo("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody", request -> Response.text("hello"));

        var finished = connection.seen.finished.get(0);
        assertThat(finished.status()).isEqualTo(200);
        assertThat(finished.requestBodyBytes()).isEqualTo(4);
        assertThat(finished.responseBodyBytes()).isEqualTo(5);
        assertThat(finished.request()).isSameAs(last);
        assertThat(finished.queueNanos()).isPositive();
        assertThat(finished.handlerNanos()).isPositive();
        assertThat(finished.writeNanos()).isPositive();
        assertThat(finished.totalNanos())
                .isGreaterThanOrEqualTo(finished.queueNanos() + finished.handlerNanos() + finished.writeNanos());
    }
}
