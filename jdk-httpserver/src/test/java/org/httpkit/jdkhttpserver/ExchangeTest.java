package org.httpkit.jdkhttpserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawHttp2;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;

/** What an exchange promises the application, and the client. */
final class ExchangeTest extends JdkServerTest {
    private static final String NOT_FINAL = "Status 102 is not final; 101, 103 and 200 to 599 can be sent";

    private final BlockingQueue<Object> seen = new LinkedBlockingQueue<>();

    private static HttpHandler answering(int status, long length, String... texts) {
        return exchange -> {
            exchange.sendResponseHeaders(status, length);
            try (OutputStream body = exchange.getResponseBody()) {
                for (String text : texts) {
                    body.write(bytes(text));
                    body.flush();
                }
            }
        };
    }

    private RawResponse ask(HttpHandler handler, String request) throws IOException {
        return connect(serve(handler)).send(request).read();
    }

    private RawHttp2 http2(HttpServer server) throws IOException {
        RawHttp2 client = RawHttp2.over(connect(server));
        client.raw().send(RawHttp2.PREFACE);
        client.settings();
        return client;
    }

    private Object nextSeen() throws InterruptedException {
        return seen.poll(10, TimeUnit.SECONDS);
    }

    // ---- lengths

    @Test
    void aLengthAboveZeroIsDeclared() throws Exception {
        RawResponse response = ask(answering(200, 6, "abc", "def"), get("/"));

        assertThat(response.field("Content-Length")).isEqualTo("6");
        assertThat(response.text()).isEqualTo("abcdef");
    }

    @Test
    void lengthZeroIsChunkedHoweverShortTheBodyIs() throws Exception {
        RawResponse flushed = ask(answering(200, 0, "abc", "def"), get("/"));
        RawResponse short0 = ask(
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write('a');
                    exchange.close();
                },
                get("/"));
        RawResponse empty = ask(answering(200, 0), get("/"));

        assertThat(flushed.framing()).isEqualTo(RawResponse.Framing.CHUNKED);
        assertThat(flushed.text()).isEqualTo("abcdef");
        assertThat(short0.framing()).isEqualTo(RawResponse.Framing.CHUNKED);
        assertThat(short0.text()).isEqualTo("a");
        assertThat(empty.framing()).isEqualTo(RawResponse.Framing.CHUNKED);
        assertThat(empty.text()).isEmpty();
    }

    @Test
    void lengthZeroEndsTheConnectionOfAnHttp10Client() throws Exception {
        RawClient client = connect(serve(answering(200, 0, "abc")))
                .send("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");

        assertThat(client.read().text()).isEqualTo("abc");
        client.awaitEnd();
    }

    @Test
    void aNegativeLengthSendsTheResponseAtOnce() throws Exception {
        CompletableFuture<Void> mayReturn = new CompletableFuture<>();
        HttpServer server = serve(exchange -> {
            exchange.sendResponseHeaders(201, -1);
            mayReturn.orTimeout(10, TimeUnit.SECONDS).join();
        });

        RawResponse response = connect(server).send(get("/")).read();

        assertThat(response.status()).isEqualTo(201);
        assertThat(response.field("Content-Length")).isEqualTo("0");
        mayReturn.complete(null);
    }

    @Test
    void headHasTheFieldsOfGet() throws Exception {
        RawClient client = connect(serve(answering(200, 3, "abc")));

        RawResponse head = client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").readToHeadRequest();

        assertThat(head.field("Content-Length")).isEqualTo("3");
        assertThat(client.send(get("/")).read().text()).isEqualTo("abc");
    }

    @Test
    void headMayDeclareALengthAsAField() throws Exception {
        HttpServer server = serve(exchange -> {
            exchange.getResponseHeaders().set("Content-Length", "7");
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });

        RawResponse head =
                connect(server).send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").readToHeadRequest();

        assertThat(head.field("Content-Length")).isEqualTo("7");
    }

    @Test
    void noContentAndNotModifiedHaveNoBodyWhateverTheLength() throws Exception {
        RawClient client = connect(serve(exchange -> {
            int status = Integer.parseInt(exchange.getRequestURI().getPath().substring(1));
            answering(status, 3, "abc").handle(exchange);
        }));

        assertThat(client.send(get("/204")).read().status()).isEqualTo(204);
        assertThat(client.send(get("/304")).read().status()).isEqualTo(304);
        assertThat(client.send(get("/200")).read().text()).isEqualTo("abc");
    }

    @Test
    void tooFewBytesFailToCloseAndCutTheConnection() throws Exception {
        HttpServer server = serve(exchange -> {
            exchange.sendResponseHeaders(200, 6);
            OutputStream body = exchange.getResponseBody();
            body.write(bytes("abc"));
            body.flush();
            try {
                body.close();
            } catch (IOException e) {
                seen.add(e);
            }
        });
        RawClient client = connect(server).send(get("/"));

        assertThat(client.readHead().field("Content-Length")).isEqualTo("6");
        client.readBytes(3);
        client.awaitEnd();
        assertThat(nextSeen()).isInstanceOf(IOException.class);
    }

    @Test
    void tooManyBytesFailToWriteAndCutTheConnection() throws Exception {
        HttpServer server = serve(exchange -> {
            exchange.sendResponseHeaders(200, 3);
            exchange.getResponseBody().write('a');
            exchange.getResponseBody().flush();
            try {
                exchange.getResponseBody().write(bytes("bcd"));
            } catch (IOException e) {
                seen.add(e);
            }
            exchange.close();
        });
        RawClient client = connect(server).send(get("/"));

        assertThat(client.readHead().field("Content-Length")).isEqualTo("3");
        client.readBytes(1);
        client.awaitEnd();
        assertThat(nextSeen()).isInstanceOf(IOException.class);
    }

    // ---- the order of things

    @Test
    void theBodyMayBeAskedForBeforeTheHeadIsSent() throws Exception {
        RawResponse response = ask(
                exchange -> {
                    OutputStream body = exchange.getResponseBody();
                    assertThatThrownBy(() -> body.write('a')).isInstanceOf(IOException.class);
                    assertThat(exchange.getResponseCode()).isEqualTo(-1);
                    exchange.sendResponseHeaders(200, 1);
                    assertThat(exchange.getResponseCode()).isEqualTo(200);
                    body.write('b');
                    body.close();
                },
                get("/"));

        assertThat(response.text()).isEqualTo("b");
    }

    @Test
    void theHeadIsSentOnce() throws Exception {
        RawResponse response = ask(
                exchange -> {
                    exchange.sendResponseHeaders(200, 1);
                    try {
                        exchange.sendResponseHeaders(500, -1);
                    } catch (IOException e) {
                        seen.add(e.getMessage());
                    }
                    exchange.getResponseBody().write('a');
                    exchange.close();
                    exchange.close();
                },
                get("/"));

        assertThat(response.status()).isEqualTo(200);
        assertThat(nextSeen()).isEqualTo("The response headers have been sent already, with status 200");
    }

    @Test
    void anotherThreadMayAnswerAfterTheHandlerHasReturned() throws Exception {
        HttpServer server = serve(seen::add);
        RawClient client = connect(server).send(get("/"));
        HttpExchange exchange = (HttpExchange) nextSeen();
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();

        answering(200, 3, "abc").handle(exchange);

        assertThat(client.read().text()).isEqualTo("abc");
    }

    @Test
    void anotherThreadMayGoOnWithTheBodyAfterTheHandlerHasReturned() throws Exception {
        HttpServer server = serve(exchange -> {
            exchange.sendResponseHeaders(200, 6);
            exchange.getResponseBody().write(bytes("abc"));
            exchange.getResponseBody().flush();
            seen.add(exchange);
        });
        RawClient client = connect(server).send(get("/"));
        HttpExchange exchange = (HttpExchange) nextSeen();

        exchange.getResponseBody().write(bytes("def"));
        exchange.close();

        assertThat(client.read().text()).isEqualTo("abcdef");
    }

    @Test
    void anExchangeClosedWithoutAnAnswerEndsTheConnection() throws Exception {
        RawClient client = connect(serve(HttpExchange::close)).send(get("/"));

        assertThat(client.skipToEnd()).isZero();
        assertThat(observer.handlerFailures()).singleElement().isInstanceOf(IOException.class);
    }

    @Test
    void anExchangeClosedLaterWithoutAnAnswerEndsTheConnection() throws Exception {
        RawClient client = connect(serve(seen::add)).send(get("/"));

        ((HttpExchange) nextSeen()).close();

        assertThat(client.skipToEnd()).isZero();
    }

    @Test
    void aHandlerThatThrowsEndsTheConnectionWithoutAnAnswer() throws Exception {
        RawClient client = connect(serve(exchange -> {
                    throw new IllegalStateException("on purpose");
                }))
                .send(get("/"));

        assertThat(client.skipToEnd()).isZero();
        assertThat(observer.handlerFailures()).singleElement().isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aHandlerThatThrowsForHeadGets500() throws Exception {
        RawClient client = connect(serve(exchange -> {
                    throw new IllegalStateException("on purpose");
                }))
                .send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");

        assertThat(client.readToHeadRequest().status()).isEqualTo(500);
        assertThat(observer.handlerFailures()).singleElement().isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aHandlerThatThrowsWithinItsResponseCutsIt() throws Exception {
        HttpServer server = serve(exchange -> {
            exchange.sendResponseHeaders(200, 3);
            exchange.getResponseBody().write('a');
            exchange.getResponseBody().flush();
            throw new IOException("on purpose");
        });
        RawClient client = connect(server).send(get("/"));

        assertThat(client.readHead().status()).isEqualTo(200);
        client.readBytes(1);
        client.awaitEnd();
    }

    @Test
    void ofInterimResponsesEarlyHintsCanBeSent() throws Exception {
        HttpServer server = serve(exchange -> {
            exchange.getResponseHeaders().set("Link", "</a.css>");
            exchange.sendResponseHeaders(103, -1);
            try {
                exchange.sendResponseHeaders(102, 0);
            } catch (IOException e) {
                seen.add(e.getMessage());
            }
            exchange.sendResponseHeaders(204, -1);
        });
        RawClient client = connect(server).send(get("/"));

        assertThat(client.readHead().status()).isEqualTo(103);
        assertThat(client.read().status()).isEqualTo(204);
        assertThat(nextSeen()).isEqualTo(NOT_FINAL);
    }

    // ---- fields

    @Test
    void fieldsOfTheResponseAreSentAsGiven() throws Exception {
        RawResponse response = ask(
                exchange -> {
                    exchange.getResponseHeaders().add("X-Two", "1");
                    exchange.getResponseHeaders().add("x-two", "2");
                    exchange.sendResponseHeaders(200, -1);
                },
                get("/"));

        assertThat(response.fields("X-Two")).containsExactly("1", "2");
        assertThat(response.field("Date")).isNotNull();
        assertThat(response.field("Server")).isNull();
    }

    @Test
    void aFieldThatCannotBeSentFailsAndLeavesTheAnswerToTheHandler() throws Exception {
        RawResponse response = ask(
                exchange -> {
                    try {
                        exchange.getResponseHeaders().set("X", "\u20ac"); // newer JDKs refuse it here
                        exchange.sendResponseHeaders(200, -1);
                    } catch (IllegalArgumentException | IOException e) {
                        seen.add(e);
                    }
                    exchange.getResponseHeaders().clear();
                    exchange.sendResponseHeaders(406, -1);
                },
                get("/"));

        assertThat(response.status()).isEqualTo(406);
        assertThat(nextSeen()).isInstanceOf(Exception.class);
    }

    @Test
    void aHandlerMayEndTheConnection() throws Exception {
        RawClient client = connect(serve(exchange -> {
                    exchange.getResponseHeaders().set("Connection", "close");
                    answering(200, 3, "abc").handle(exchange);
                }))
                .send(get("/"));

        RawResponse response = client.read();

        assertThat(response.text()).isEqualTo("abc");
        assertThat(response.saysClose()).isTrue();
        client.awaitEnd();
    }

    @Test
    void theLengthIsAmongTheFieldsOnceTheHeadIsSent() throws Exception {
        ask(
                exchange -> {
                    answering(200, 3, "abc").handle(exchange);
                    seen.add(exchange.getResponseHeaders().getFirst("Content-Length"));
                },
                get("/"));

        assertThat(nextSeen()).isEqualTo("3");
    }

    @Test
    void fieldsOfTheRequestCannotBeChanged() throws Exception {
        ask(
                exchange -> {
                    seen.add(exchange.getRequestHeaders());
                    exchange.sendResponseHeaders(200, -1);
                },
                get("/", "X-Two: 1", "x-two: 2", "Accept: a"));

        Headers fields = (Headers) nextSeen();
        assertThat(fields.get("x-TWO")).containsExactly("1", "2");
        assertThat(fields.getFirst("ACCEPT")).isEqualTo("a");
        assertThat(fields.getFirst("None")).isNull();
        assertThat(fields.containsKey("accept")).isTrue();
        assertThat(fields.keySet()).containsExactlyInAnyOrder("Host", "X-two", "Accept");
        assertThat(fields).hasSize(3);
        List<Runnable> changes = List.of(
                () -> fields.add("a", "b"),
                () -> fields.set("a", "b"),
                () -> fields.put("a", List.of("b")),
                () -> fields.putAll(new Headers()),
                () -> fields.remove("Host"),
                fields::clear,
                () -> fields.get("Host").add("b"),
                () -> fields.keySet().clear(),
                () -> fields.values().clear(),
                () -> fields.entrySet().iterator().next().setValue(List.of()));
        for (Runnable change : changes) {
            assertThatThrownBy(change::run).isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void theRequestTellsWhatItIs() throws Exception {
        HttpServer server = serve(exchange -> {
            seen.add(exchange.getRequestMethod());
            seen.add(exchange.getRequestURI().toString());
            seen.add(exchange.getProtocol());
            seen.add(exchange.getLocalAddress());
            seen.add(exchange.getRemoteAddress());
            seen.add(exchange.getHttpContext().getPath());
            exchange.sendResponseHeaders(200, -1);
        });
        RawClient client = connect(server).send("PURGE /a%20b?c=d HTTP/1.1\r\nHost: a\r\n\r\n");
        client.read();

        List<Object> facts = new ArrayList<>();
        seen.drainTo(facts);
        assertThat(facts)
                .containsExactly("PURGE", "/a%20b?c=d", "HTTP/1.1", server.getAddress(), client.localAddress(), "/");
    }

    @Test
    void http2IsSpokenToo() throws Exception {
        HttpServer server = serve(exchange -> {
            seen.add(exchange.getProtocol() + " " + exchange.getRequestHeaders().getFirst("Host"));
            byte[] body = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        RawHttp2 client = http2(server);

        RawHttp2.Answer answer = client.await(client.post("/", "over http2"));

        assertThat(answer.text()).isEqualTo("over http2");
        assertThat(answer.field("content-length")).isEqualTo("10");
        assertThat(nextSeen().toString()).startsWith("HTTP/2.0 ").doesNotEndWith("null");
    }

    @Test
    void aHandlerThatThrowsResetsItsStreamOfHttp2Alone() throws Exception {
        RawHttp2 client = http2(serve(exchange -> {
            if (exchange.getRequestURI().getPath().equals("/fails")) {
                throw new IllegalStateException("on purpose");
            }
            answering(200, 3, "abc").handle(exchange);
        }));

        assertThat(client.await(client.get("/fails")).resetCode()).isPositive();
        assertThat(client.await(client.get("/")).text()).isEqualTo("abc");
    }

    // ---- bodies of requests

    @Test
    void theBodyIsReadAsItComes() throws Exception {
        HttpServer server = serve(exchange -> {
            seen.add((char) exchange.getRequestBody().read());
            byte[] rest = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, rest.length);
            exchange.getResponseBody().write(rest);
            exchange.close();
        });
        RawClient client = connect(server).send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na");

        assertThat(nextSeen()).isEqualTo('a'); // before the rest was sent
        client.send("bcde");

        assertThat(client.read().text()).isEqualTo("bcde");
    }

    @Test
    void theClientIsToldToSendItsBodyWhenThatIsRead() throws Exception {
        HttpServer server = serve(exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        RawClient client =
                connect(server).send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");

        assertThat(client.readHead().status()).isEqualTo(100);
        assertThat(client.send("abc").read().text()).isEqualTo("abc");
    }

    @Test
    void aShortBodyThatNobodyReadsIsDroppedAndTheConnectionGoesOn() throws Exception {
        RawClient client = connect(serve(answering(200, 3, "abc")));

        for (int i = 0; i < 3; i++) {
            assertThat(client.send(post("/", "x".repeat(60_000))).read().text()).isEqualTo("abc");
        }
    }

    @Test
    void aLongBodyThatNobodyReadsIsAnsweredAndTheConnectionCloses() throws Exception {
        RawClient client = connect(serve(answering(200, 3, "abc")));

        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4194304\r\n\r\n" + "x".repeat(1 << 20));

        assertThat(client.read().text()).isEqualTo("abc");
        client.awaitEnd();
    }

    // ---- attributes and streams

    @Test
    void attributesBelongToTheContext() throws Exception {
        HttpServer server = bound();
        HttpContext context = server.createContext("/", exchange -> {
            seen.add(exchange.getAttribute("of the context"));
            exchange.setAttribute("of the exchange", "2");
            exchange.setAttribute("nothing", null);
            assertThatThrownBy(() -> exchange.getAttribute(null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> exchange.setAttribute(null, "a")).isInstanceOf(NullPointerException.class);
            exchange.sendResponseHeaders(200, -1);
        });
        context.getAttributes().put("of the context", "1");
        server.start();

        assertThat(connect(server).send(get("/")).read().status()).isEqualTo(200);

        assertThat(nextSeen()).isEqualTo("1");
        assertThat(context.getAttributes())
                .containsEntry("of the exchange", "2")
                .containsEntry("nothing", null);
    }

    @Test
    void closingEndsTheResponseEvenIfTheApplicationsStreamsCannotBeClosed() throws Exception {
        RawResponse response = ask(
                exchange -> {
                    exchange.setStreams(
                            new FilterInputStream(exchange.getRequestBody()) {
                                @Override
                                public void close() throws IOException {
                                    throw new IOException("It cannot be closed");
                                }
                            },
                            new FilterOutputStream(exchange.getResponseBody()) {
                                @Override
                                public void close() throws IOException {
                                    throw new IOException("It cannot be closed either");
                                }
                            });
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write('a');
                    exchange.close();
                },
                get("/"));

        assertThat(response.text()).isEqualTo("a");
    }

    @Test
    void aRequestBodyThatIsClosedCannotBeRead() throws Exception {
        HttpServer server = serve(exchange -> {
            InputStream asked = exchange.getRequestBody();
            seen.add(asked.read());
            switch (exchange.getRequestURI().getPath()) {
                case "/in" -> asked.close();
                case "/out" -> {
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().close();
                }
                default -> {
                    exchange.sendResponseHeaders(200, 0);
                    exchange.close();
                }
            }
            for (Callable<Object> attempt : List.<Callable<Object>>of(
                    asked::read, () -> asked.read(new byte[1]), () -> asked.skip(1), asked::available)) {
                try {
                    seen.add(attempt.call());
                } catch (Exception e) {
                    seen.add(e.getMessage());
                }
            }
            if (exchange.getResponseCode() < 0) {
                exchange.sendResponseHeaders(200, -1);
            }
        });
        for (String path : List.of("/in", "/out", "/exchange")) {
            connect(server).send(post(path, "abc")).read();
            assertThat(nextSeen()).isEqualTo((int) 'a');
            for (int i = 0; i < 4; i++) {
                assertThat(nextSeen()).isEqualTo("The stream is closed");
            }
        }
    }

    @Test
    void aRequestBodyCanBeReadBehindAResponseWithoutABody() throws Exception {
        HttpServer server = serve(exchange -> {
            exchange.sendResponseHeaders(200, -1);
            seen.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII));
        });
        connect(server).send(post("/", "abc")).read();
        assertThat(nextSeen()).isEqualTo("abc");
    }
}
