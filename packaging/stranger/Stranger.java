import com.sun.net.httpserver.spi.HttpServerProvider;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.httpkit.metrics.RequestMetrics;
import org.httpkit.server.Compression;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.server.Response;
import org.httpkit.topics.Topics;
import org.httpkit.topics.nats.NatsBackplane;
import org.httpkit.topics.redis.RedisBackplane;
import org.httpkit.tracing.RequestTracing;
import org.httpkit.web.Params;
import org.httpkit.web.Routes;

/** The program of a stranger who uses every module for Java: packaging/trial compiles it and runs it with what a build tool finds. */
public final class Stranger {
    private Stranger() {}

    public static void main(String[] arguments) throws Exception {
        Routes routes = Routes.of()
                .get("/{name}", request -> Response.text("hello " + Params.of(request).get("name") + " ".repeat(5000)));
        HttpServer server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .compression(Compression.on())
                .observer(new RequestMetrics(new SimpleMeterRegistry()).routes(routes::template))
                .handler(new RequestTracing(OpenTelemetry.noop()).around(routes))
                .start();
        try {
            URI uri = URI.create("http://127.0.0.1:" + server.port() + "/stranger");
            check(get(uri, "identity").body(), "hello stranger" + " ".repeat(5000));
            for (String coding : List.of("gzip", "br", "zstd")) {
                check(get(uri, coding).headers().firstValue("Content-Encoding").orElse("none"), coding);
            }
            check(
                    HttpServerProvider.provider().getClass().getName(),
                    "org.httpkit.jdkhttpserver.HttpKitProvider");
            try (Topics topics = Topics.builder().build()) {
                topics.publish("news", Message.text("hello"));
            }
            RedisBackplane.connect("redis://127.0.0.1:6379");
            NatsBackplane.connect("nats://127.0.0.1:4222");
        } finally {
            server.close();
        }
        System.out.println("hello stranger");
    }

    private static HttpResponse<String> get(URI uri, String coding) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri).header("Accept-Encoding", coding).build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static void check(String actual, String expected) {
        if (!actual.equals(expected)) {
            throw new IllegalStateException("expected " + expected + ", got " + actual);
        }
    }
}
