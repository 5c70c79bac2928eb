package org.httpkit.jdkhttpserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;

/** Which context answers which path. */
final class ContextsTest extends JdkServerTest {

    private static HttpHandler saying(String text) {
        return exchange -> {
            exchange.sendResponseHeaders(200, text.length());
            exchange.getResponseBody().write(bytes(text));
            exchange.close();
        };
    }

    private static String ask(RawClient client, String path) throws IOException {
        RawResponse response = client.send(get(path)).read();
        return response.status() == 200 ? response.text() : "" + response.status();
    }

    @Test
    void theLongestPathThatARequestBeginsWithAnswers() throws Exception {
        HttpServer server = bound();
        server.createContext("/apps/", saying("apps"));
        server.createContext("/apps/foo/", saying("foo"));
        server.createContext("/a", saying("a"));
        server.start();
        RawClient client = connect(server);

        assertThat(ask(client, "/apps/foo/bar")).isEqualTo("foo");
        assertThat(ask(client, "/apps/Foo/bar")).isEqualTo("apps");
        assertThat(ask(client, "/apps/foo")).isEqualTo("apps");
        assertThat(ask(client, "/ab")).isEqualTo("a");
        assertThat(ask(client, "/other")).isEqualTo("404");
    }

    @Test
    void pathsAreDecodedBeforeTheyAreCompared() throws Exception {
        HttpServer server = bound();
        server.createContext("/a b", saying("decoded"));
        server.start();

        assertThat(ask(connect(server), "/a%20b?c=%20")).isEqualTo("decoded");
    }

    @Test
    void contextsComeAndGoWhileTheServerRuns() throws Exception {
        HttpServer server = bound();
        server.createContext("/", saying("root"));
        server.start();
        RawClient client = connect(server);

        HttpContext added = server.createContext("/new", saying("new"));
        assertThat(ask(client, "/new")).isEqualTo("new");
        server.removeContext(added);
        assertThat(ask(client, "/new")).isEqualTo("root");
        server.removeContext("/");
        assertThat(ask(client, "/new")).isEqualTo("404");
    }

    @Test
    void aTargetThatIsNoUriGets400() throws Exception {
        HttpServer server = bound();
        server.createContext("/", saying("root"));
        server.start();

        assertThat(ask(connect(server), "/?a=|")).isEqualTo("400");
        assertThat(ask(connect(server), "/?a=%7C")).isEqualTo("root");
    }

    @Test
    void aContextWithoutHandlerGets500UntilItHasOne() throws Exception {
        HttpServer server = bound();
        HttpContext context = server.createContext("/");
        server.start();
        RawClient client = connect(server);

        assertThat(ask(client, "/")).isEqualTo("500");
        context.setHandler(saying("root"));
        assertThat(ask(client, "/")).isEqualTo("root");
    }

    @Test
    void oddContextsAreRefused() throws Exception {
        HttpServer server = bound();
        HttpContext context = server.createContext("/a", saying("a"));

        assertThatThrownBy(() -> server.createContext("/a")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> server.createContext("a")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> server.createContext("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> server.createContext(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> server.createContext("/b", null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> server.removeContext("/b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> server.removeContext((String) null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> context.setHandler(saying("b"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bound().removeContext(context)).isInstanceOf(IllegalArgumentException.class);
        server.removeContext(context);
        assertThatThrownBy(() -> server.removeContext(context)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aContextKnowsItsServerAndItsPath() throws Exception {
        HttpServer server = bound();
        HttpHandler handler = saying("a");
        HttpContext context = server.createContext("/a", handler);

        assertThat(context.getServer()).isSameAs(server);
        assertThat(context.getPath()).isEqualTo("/a");
        assertThat(context.getHandler()).isSameAs(handler);
    }
}
