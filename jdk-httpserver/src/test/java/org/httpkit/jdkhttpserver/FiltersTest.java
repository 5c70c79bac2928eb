package org.httpkit.jdkhttpserver;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Authenticator;
import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import com.sun.net.httpserver.HttpServer;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;

/** What runs around handlers: filters, streams of theirs, and the authenticator. */
final class FiltersTest extends JdkServerTest {
    private static final String CREDENTIALS = "Authorization: Basic ZnJlZDpwYXNzd29yZA=="; // fred:password

    private final List<String> steps = new CopyOnWriteArrayList<>();

    private interface Step {
        void run(HttpExchange exchange, Filter.Chain chain) throws IOException;
    }

    private static Filter filter(Step step) {
        return new Filter() {
            @Override
            public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
                step.run(exchange, chain);
            }

            @Override
            public String description() {
                return "a filter";
            }
        };
    }

    private HttpContext answering(HttpServer server) {
        return server.createContext("/", exchange -> {
            steps.add("handler");
            HttpPrincipal principal = exchange.getPrincipal();
            byte[] body = bytes(principal == null ? "nobody" : principal.getRealm() + " " + principal.getUsername());
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
    }

    private static BasicAuthenticator fred() {
        return new BasicAuthenticator("realm") {
            @Override
            public boolean checkCredentials(String user, String password) {
                return user.equals("fred") && password.equals("password");
            }
        };
    }

    @Test
    void filtersRunInOrderAndBeforeTheAuthenticator() throws Exception {
        HttpServer server = bound();
        HttpContext context = answering(server);
        CountDownLatch over = new CountDownLatch(1);
        context.getFilters().add(filter((exchange, chain) -> {
            steps.add("first");
            chain.doFilter(exchange);
            steps.add("first again");
            over.countDown(); // the client may have its answer before
        }));
        context.getFilters().add(filter((exchange, chain) -> {
            steps.add("second");
            chain.doFilter(exchange);
        }));
        context.setAuthenticator(new Authenticator() {
            @Override
            public Result authenticate(HttpExchange exchange) {
                steps.add("authenticator");
                return new Success(new HttpPrincipal("a", "b"));
            }
        });
        server.start();

        assertThat(connect(server).send(get("/")).read().text()).isEqualTo("b a");
        await(over);

        assertThat(steps).containsExactly("first", "second", "authenticator", "handler", "first again");
    }

    @Test
    void filtersComeAndGoWhileTheServerRuns() throws Exception {
        HttpServer server = bound();
        HttpContext context = answering(server);
        server.start();
        RawClient client = connect(server);
        assertThat(client.send(get("/")).read().status()).isEqualTo(200);

        context.getFilters().add(filter((exchange, chain) -> exchange.sendResponseHeaders(403, -1)));
        assertThat(client.send(get("/")).read().status()).isEqualTo(403);
        context.getFilters().clear();

        assertThat(client.send(get("/")).read().status()).isEqualTo(200);
    }

    @Test
    void aFilterMayWrapTheStreams() throws Exception {
        HttpServer server = bound();
        HttpContext context = server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        context.getFilters().add(filter((exchange, chain) -> {
            FilterOutputStream out = new FilterOutputStream(exchange.getResponseBody()) {
                @Override
                public void write(int b) throws IOException {
                    super.write(Character.toUpperCase((char) b));
                }

                @Override
                public void close() throws IOException {
                    steps.add("closed");
                    super.close();
                }
            };
            exchange.setStreams(new FilterInputStream(exchange.getRequestBody()) {}, out);
            exchange.setStreams(null, null);
            chain.doFilter(exchange);
        }));
        server.start();

        RawResponse response = connect(server).send(post("/", "hello")).read();

        assertThat(response.text()).isEqualTo("hello".toUpperCase(Locale.ROOT));
        assertThat(steps).containsExactly("closed");
    }

    @Test
    void theAuthenticatorAsksForCredentialsAndNamesThePrincipal() throws Exception {
        HttpServer server = bound();
        HttpContext context = answering(server);
        assertThat(context.setAuthenticator(fred())).isNull();
        server.start();
        RawClient client = connect(server);

        RawResponse asked = client.send(get("/")).read();
        assertThat(asked.status()).isEqualTo(401);
        assertThat(asked.field("WWW-Authenticate")).startsWith("Basic realm=\"realm\"");
        assertThat(client.send(get("/", CREDENTIALS)).read().text()).isEqualTo("realm fred");

        assertThat(context.setAuthenticator(null)).isNotNull();
        assertThat(client.send(get("/")).read().text()).isEqualTo("nobody");
        assertThat(steps).containsExactly("handler", "handler");
    }

    @Test
    void aBodyBehindWrongCredentialsIsDropped() throws Exception {
        HttpServer server = bound();
        answering(server).setAuthenticator(fred());
        server.start();
        RawClient client = connect(server);

        assertThat(client.send(post("/", "x".repeat(10_000))).read().status()).isEqualTo(401);
        assertThat(client.send(get("/", CREDENTIALS)).read().status()).isEqualTo(200);
    }

    @Test
    void anAuthenticatorMayFail() throws Exception {
        HttpServer server = bound();
        answering(server).setAuthenticator(new Authenticator() {
            @Override
            public Result authenticate(HttpExchange exchange) {
                return new Failure(403);
            }
        });
        server.start();

        assertThat(connect(server).send(get("/")).read().status()).isEqualTo(403);
        assertThat(steps).isEmpty();
    }
}
