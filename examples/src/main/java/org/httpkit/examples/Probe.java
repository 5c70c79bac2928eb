package org.httpkit.examples;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.httpkit.http.HttpVersion;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Compression;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Tls;
import org.httpkit.web.Routes;
import org.httpkit.web.StaticFiles;
import org.jspecify.annotations.Nullable;

/** The probe: the server that conformance suites, attacks and measurements talk to. */
public final class Probe implements Command {
    /** Both ports share one handler, so that a broadcast reaches the clients of either. */
    private @Nullable Handler handler;

    /** Starts the probe; {@code --help} tells the options. */
    public static void main(String... arguments) {
        Launcher.main(new Probe(), arguments);
    }

    @Override
    public CommandLine options() {
        int processors = Runtime.getRuntime().availableProcessors();
        return new CommandLine("probe", "Starts the server that conformance suites, attacks and measurements talk to.")
                .option("host", "NAME", "127.0.0.1", "address to listen on; 0.0.0.0 is all of the machine's")
                .option("port", "N", "8090", "port to listen on; 0 picks a free one")
                .option("tls-port", "N", "", "port for HTTPS, beside the other one; 0 picks a free one")
                .option("tls-cert", "FILE", "", "certificates for it, in PEM")
                .option("tls-key", "FILE", "", "their private key, in PEM")
                .option("dispatch", "WHERE", "adaptive", "where handlers run: worker, inline or adaptive")
                .option("protocols", "NAMES", "both", "versions of HTTP: both, http1 or http2")
                .option("event-loops", "N", Integer.toString(processors), "how many event loops")
                .option("max-body-bytes", "N", "8388608", "longest request body")
                .option("max-message-bytes", "N", "4194304", "longest WebSocket message")
                .flag("deflate", "agree to permessage-deflate on WebSockets")
                .flag("compression", "compress responses for clients that take it")
                .option("header-timeout-ms", "N", "10000", "longest time for a request head; 0 is without end")
                .option("body-timeout-ms", "N", "30000", "longest stall of a request body; 0 is without end")
                .option("idle-timeout-ms", "N", "75000", "longest rest between requests; 0 is without end")
                .option(
                        "files-in-memory",
                        "BYTES",
                        "16777216",
                        "keep files of up to 256 KiB in so much memory; 0 keeps none")
                .option("files-age", "SECONDS", "0", "look at a kept file again after so long")
                .option("files", "DIR", "", "folder to serve below /files/, compressed siblings on; empty serves none")
                .option("write-timeout-ms", "N", "30000", "longest stall of a client that reads; 0 is without end");
    }

    @Override
    public HttpServer.Builder server(CommandLine options) throws UsageException {
        handler = handler(options);
        return builder(options, handler).address(options.text("host"), options.number("port"));
    }

    @Override
    public HttpServer.@Nullable Builder secureServer(CommandLine options) throws UsageException {
        if (options.text("tls-port").isEmpty()) {
            return null;
        }
        if (options.text("tls-cert").isEmpty() || options.text("tls-key").isEmpty()) {
            throw new UsageException("--tls-port needs --tls-cert and --tls-key, two PEM files");
        }
        return builder(options, Objects.requireNonNull(handler))
                .address(options.text("host"), options.number("tls-port"))
                .tls(Tls.pem(Path.of(options.text("tls-cert")), Path.of(options.text("tls-key")))
                        .watched());
    }

    private static HttpServer.Builder builder(CommandLine options, Handler handler) throws UsageException {
        return HttpServer.builder()
                .handler(handler)
                .worker(Blocking.worker())
                .dispatch(dispatch(options.text("dispatch")))
                .protocols(protocols(options.text("protocols")))
                .eventLoops(options.number("event-loops"))
                .maxBodyBytes(options.number("max-body-bytes"))
                .maxMessageBytes(options.number("max-message-bytes"))
                .compression(options.has("compression") ? Compression.on() : Compression.off())
                .headerTimeout(millis(options, "header-timeout-ms"))
                .bodyTimeout(millis(options, "body-timeout-ms"))
                .idleTimeout(millis(options, "idle-timeout-ms"))
                .writeTimeout(millis(options, "write-timeout-ms"));
    }

    private static Handler handler(CommandLine options) throws UsageException {
        Handler probe = new ProbeHandler(ChannelOptions.DEFAULT.anyOrigin().deflate(options.has("deflate")));
        String folder = options.text("files");
        if (folder.isEmpty()) {
            return probe;
        }
        try {
            StaticFiles files = StaticFiles.of(Path.of(folder))
                    .precompressed()
                    .keepInMemory(options.number("files-in-memory"))
                    .lookAgainAfter(Duration.ofSeconds(options.number("files-age")));
            return Routes.of().get("/files/{path...}", files).otherwise(probe);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--files is '" + folder + "'; it must be a folder");
        }
    }

    @Override
    public String greeting(HttpServer server) {
        return "probe on http://127.0.0.1:" + server.port() + "/ (dispatch "
                + server.options().dispatch().name().toLowerCase(Locale.ROOT) + ", JDK "
                + Runtime.version().feature() + ")";
    }

    private static Dispatch dispatch(String name) throws UsageException {
        for (Dispatch dispatch : Dispatch.values()) {
            if (dispatch.name().toLowerCase(Locale.ROOT).equals(name)) {
                return dispatch;
            }
        }
        throw new UsageException("--dispatch is '" + name + "'; it must be worker, inline or adaptive");
    }

    private static HttpVersion[] protocols(String names) throws UsageException {
        return switch (names) {
            case "both" -> new HttpVersion[] {HttpVersion.HTTP_1_1, HttpVersion.HTTP_2};
            case "http1" -> new HttpVersion[] {HttpVersion.HTTP_1_1};
            case "http2" -> new HttpVersion[] {HttpVersion.HTTP_2};
            default -> throw new UsageException("--protocols is '" + names + "'; it must be both, http1 or http2");
        };
    }

    private static Duration millis(CommandLine options, String name) throws UsageException {
        return Duration.ofMillis(options.number(name));
    }
}
