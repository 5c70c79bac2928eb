package org.httpkit.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.httpkit.http.Headers;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.topics.Backplane;
import org.httpkit.topics.Topics;
import org.httpkit.topics.nats.NatsBackplane;
import org.httpkit.topics.redis.RedisBackplane;
import org.httpkit.web.Routes;
import org.httpkit.web.StaticFiles;
import org.jspecify.annotations.Nullable;

/** The tour: every example has a path, and one page shows them all at work. */
public final class Tour implements Command {

    private static final String IN_MEMORY = "in memory";

    private final Latencies latencies =
            new Latencies(Set.of("/later", "/chat", "/clock", "/count", "/slow", "/operations/figures"));
    private @Nullable Handler handler;
    private @Nullable DevelopmentCertificate certificate;
    private final Operations operations = new Operations(latencies);
    private @Nullable Topics topics;
    private @Nullable TwoServers twoServers;

    /** Starts the tour; {@code --help} tells the options. */
    public static void main(String... arguments) {
        Launcher.main(new Tour(), arguments);
    }

    private Handler handler(ChannelOptions webSockets, Topics topics, TwoServers two) {
        Path files = files();
        Handler probe = new ProbeHandler(webSockets);
        Later later = new Later();
        Chat chat = new Chat(topics);
        Clock clock = new Clock();
        LongPoll count = new LongPoll();
        return Routes.of()
                .get("/", page(files.resolve("index.html")))
                .get("/operations", page(files.resolve("operations.html")))
                .get("/operations/figures", operations)
                .get("/topics", twoServersPage(files.resolve("topics.html"), two))
                .get("/topics/servers", two::state)
                .post("/topics/publish", two::publish)
                .post("/topics/{server}/kill", two::kill)
                .post("/topics/{server}/start", two::start)
                .get("/webjars/uplot/{file}", new WebJar("uplot"))
                .get("/page/{path...}", StaticFiles.of(files.resolve("page")))
                .get(
                        "/source/{path...}",
                        StaticFiles.of(files.resolve("source")).mediaType("java", "text/plain; charset=utf-8"))
                .get("/hello", new Hello())
                .get("/json", new Json())
                .get("/protocol", new ByProtocol())
                .post("/form", new FormEcho())
                .post("/upload", new Upload())
                .get("/download", new Download(files.resolve("postcard.svg")))
                .get("/large", new Large())
                .get("/ticker", new Ticker())
                .get("/blocking", new Blocking())
                .get("/later", later)
                .post("/later", later)
                .get("/echo", new Echo(webSockets))
                .post("/echo", probe)
                .get("/chat", chat)
                .post("/chat", chat)
                .get("/clock", clock)
                .post("/clock", clock)
                .get("/count", count)
                .post("/count", count)
                .get("/broadcast", new Broadcast(webSockets))
                .otherwise(probe); // for conformance suites and attacks
    }

    /** The folder with the pages, on disk or in the jar. */
    private static Path files() {
        URI folder = URI.create(
                Objects.requireNonNull(Tour.class.getResource("/tour/")).toString());
        try {
            if (folder.getScheme().equals("jar")) {
                FileSystems.newFileSystem(folder, Map.of()); // stays open, as the JVM needs the jar anyway
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Path.of(folder);
    }

    /** Read once, so that the page comes even while every thread of the worker is busy. */
    private static Handler page(Path file) {
        try {
            Response page =
                    Response.html(Files.readString(file)).header("Content-Security-Policy", "default-src 'self'");
            return request -> page;
        } catch (IOException e) {
            throw new UncheckedIOException(e); // it is part of the program
        }
    }

    /** The page's script speaks to both servers, which start when somebody wants to see them. */
    private static Handler twoServersPage(Path file, TwoServers two) {
        Handler page = page(file);
        return request -> {
            StringBuilder servers = new StringBuilder();
            String scheme = two.scheme(request);
            for (int port : two.ports(scheme)) {
                servers.append(" %s://*:%d %s://*:%d".formatted(scheme, port, scheme.replace("http", "ws"), port));
            }
            Response response = Objects.requireNonNull(page.handle(request));
            Headers fields = response.headers()
                    .with("Content-Security-Policy", "default-src 'self'; connect-src 'self'" + servers);
            return response.headers(fields);
        };
    }

    @Override
    public CommandLine options() {
        return new CommandLine("tour", "Starts the tour: examples to read and to try, on one web page.")
                .option("host", "NAME", "127.0.0.1", "address to listen on; 0.0.0.0 is all of the machine's")
                .option("port", "N", "8090", "port to listen on; 0 picks a free one")
                .flag("tls", "speak TLS on a second port, with a certificate made for localhost")
                .option("tls-port", "N", "8443", "that port; 0 picks a free one")
                .flag("deflate", "agree to permessage-deflate on WebSockets")
                .option("backplane", "URL", IN_MEMORY, "log of the topics: redis://HOST:PORT or nats://HOST:PORT");
    }

    @Override
    public HttpServer.Builder server(CommandLine options) throws UsageException {
        Backplane log = backplane(options.text("backplane"));
        certificate = options.has("tls") ? DevelopmentCertificate.make() : null;
        TwoServers two = new TwoServers(options.text("host"), log, certificate == null ? null : certificate.tls());
        Topics.Builder keeping = Topics.builder().keep(50, Duration.ofHours(1));
        Topics rooms = (options.has("backplane") ? keeping.backplane(log) : keeping).build();
        topics = rooms;
        twoServers = two;
        handler = handler(ChannelOptions.DEFAULT.deflate(options.has("deflate")), rooms, two);
        return builder().address(options.text("host"), options.number("port"));
    }

    private static Backplane backplane(String url) throws UsageException {
        try {
            if (url.equals(IN_MEMORY)) {
                return new LogInMemory();
            }
            return url.startsWith("redis")
                    ? RedisBackplane.connect(url).key("httpkit:tour")
                    : NatsBackplane.connect(url).stream("httpkit-tour");
        } catch (IllegalArgumentException e) {
            throw new UsageException(
                    "--backplane is '" + url + "'; it must begin with redis://, rediss://, nats:// or tls://");
        }
    }

    @Override
    public HttpServer.@Nullable Builder secureServer(CommandLine options) throws UsageException {
        if (certificate == null) {
            return null;
        }
        return builder()
                .address(options.text("host"), options.number("tls-port"))
                .tls(certificate.tls());
    }

    private HttpServer.Builder builder() {
        return HttpServer.builder()
                .worker(Blocking.worker())
                .observer(latencies)
                .handler(Objects.requireNonNull(handler));
    }

    @Override
    public String secureGreeting(HttpServer server) {
        return "https://localhost:" + server.port() + "/ (curl --cacert "
                + Objects.requireNonNull(certificate).file()
                + "; a browser asks once, or trusts it when you import that file)";
    }

    @Override
    public void started(HttpServer server) {
        operations.watch(server);
    }

    @Override
    public String greeting(HttpServer server) {
        return "http://localhost:" + server.port() + "/";
    }

    @Override
    public void close() {
        if (twoServers != null) {
            twoServers.close();
        }
        if (topics != null) {
            topics.close();
        }
    }
}
