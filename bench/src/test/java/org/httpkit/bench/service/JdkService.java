package org.httpkit.bench.service;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.logging.FileHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Notes and photos with the JDK's server: a JSON API with path parameters, uploads by form, a page, an access log in a
 * file. Files have neither conditions nor ranges, and a form has one part.
 */
public final class JdkService {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH);
    private static final int MOST_BYTES = 10 << 20;
    private static final String ORIGIN = "https://notes.example";

    private final Map<String, String> notes = new ConcurrentSkipListMap<>();
    private final Path photos;
    private final Logger log = Logger.getAnonymousLogger();

    JdkService(Path data) throws IOException {
        photos = Files.createDirectories(data.resolve("photos"));
        FileHandler file = new FileHandler(data.resolve("access.log") + ".%g", 100 << 20, 9, true);
        file.setFormatter(new Formatter() {
            @Override
            public String format(LogRecord line) {
                return line.getMessage() + "\n";
            }
        });
        log.setUseParentHandlers(false);
        log.addHandler(file);
    }

    /** Starts the service on port 8080, with its files in the folder {@code data}. */
    public static void main(String... arguments) throws IOException {
        new JdkService(Files.createDirectories(Path.of("data")))
                .server(new InetSocketAddress(8080))
                .start();
    }

    HttpServer server(InetSocketAddress address) throws IOException {
        HttpServer server = HttpServer.create(address, 0);
        server.setExecutor(Executors.newCachedThreadPool());
        Filter around = Filter.beforeHandler("fields", exchange -> {
            Headers fields = exchange.getResponseHeaders();
            fields.set("Content-Security-Policy", "default-src 'self'");
            fields.set("X-Content-Type-Options", "nosniff");
            fields.set("Referrer-Policy", "strict-origin-when-cross-origin");
        });
        Filter logged = Filter.afterHandler("log", exchange -> log.log(Level.INFO, line(exchange)));
        server.createContext("/api/notes", this::api).getFilters().addAll(List.of(logged, around));
        server.createContext("/photos", this::photos).getFilters().addAll(List.of(logged, around));
        server.createContext("/health", this::health).getFilters().addAll(List.of(logged, around));
        server.createContext("/", this::page).getFilters().addAll(List.of(logged, around));
        return server;
    }

    private static String line(HttpExchange exchange) {
        Headers fields = exchange.getRequestHeaders();
        return exchange.getRemoteAddress().getAddress().getHostAddress() + " - - ["
                + TIME.format(ZonedDateTime.now()) + "] \"" + exchange.getRequestMethod() + " "
                + exchange.getRequestURI() + " " + exchange.getProtocol() + "\" " + exchange.getResponseCode() + " "
                + Objects.requireNonNullElse(exchange.getResponseHeaders().getFirst("Content-Length"), "-") + " \""
                + quotable(fields.getFirst("Referer")) + "\" \"" + quotable(fields.getFirst("User-Agent")) + "\"";
    }

    private static String quotable(@Nullable String field) {
        return field == null ? "-" : field.replaceAll("[\"\\\\\\p{Cntrl}]", "?");
    }

    private void api(HttpExchange exchange) throws IOException {
        if (ORIGIN.equals(exchange.getRequestHeaders().getFirst("Origin"))) {
            exchange.getResponseHeaders().set("Access-Control-Allow-Origin", ORIGIN);
            exchange.getResponseHeaders().set("Vary", "Origin");
        }
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/api/notes") && isRead(exchange)) {
            answerJson(
                    exchange,
                    notes.entrySet().stream()
                            .map(note -> json(note.getKey(), note.getValue()))
                            .collect(Collectors.joining(",", "[", "]")));
            return;
        }
        String id = path.startsWith("/api/notes/") ? path.substring("/api/notes/".length()) : "";
        if (id.isEmpty()) {
            answer(exchange, 404, "Not Found");
            return;
        }
        switch (exchange.getRequestMethod()) {
            case "OPTIONS" -> {
                exchange.getResponseHeaders().set("Access-Control-Allow-Methods", "GET, PUT, DELETE");
                exchange.getResponseHeaders().set("Access-Control-Allow-Headers", "Content-Type");
                answer(exchange, 204, null);
            }
            case "GET", "HEAD" -> {
                String text = notes.get(id);
                if (text == null) {
                    answer(exchange, 404, "Not Found");
                } else {
                    answerJson(exchange, json(id, text));
                }
            }
            case "PUT" -> {
                byte[] body = body(exchange);
                if (body != null) {
                    String before = notes.put(id, new String(body, StandardCharsets.UTF_8));
                    answer(exchange, before == null ? 201 : 204, null);
                }
            }
            case "DELETE" -> {
                String before = notes.remove(id);
                answer(exchange, before == null ? 404 : 204, before == null ? "Not Found" : null);
            }
            default -> {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD, PUT, DELETE, OPTIONS");
                answer(exchange, 405, "Method Not Allowed");
            }
        }
    }

    private void photos(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/photos") && exchange.getRequestMethod().equals("POST")) {
            upload(exchange);
            return;
        }
        Path file = path.startsWith("/photos/")
                ? photos.resolve(path.substring("/photos/".length())).normalize()
                : photos;
        if (!isRead(exchange)
                || !file.startsWith(photos)
                || !Files.isRegularFile(file)
                || !file.toRealPath().startsWith(photos.toRealPath())) {
            answer(exchange, 404, "Not Found");
            return;
        }
        exchange.getResponseHeaders().set("Content-Type", type(file.toString()));
        try (InputStream content = Files.newInputStream(file)) {
            answer(exchange, 200, content, Files.size(file));
        }
    }

    private void upload(HttpExchange exchange) throws IOException {
        String type = Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Content-Type"), "");
        int boundary = type.indexOf("boundary=");
        if (!type.startsWith("multipart/form-data") || boundary < 0) {
            answer(exchange, 415, "Unsupported Media Type");
            return;
        }
        byte[] body = body(exchange);
        if (body == null) {
            return;
        }
        String end = "\r\n--" + type.substring(boundary + 9).replace("\"", "");
        String text = "\r\n" + new String(body, StandardCharsets.ISO_8859_1);
        int head = text.indexOf(end);
        int start = text.indexOf("\r\n\r\n", Math.max(head, 0));
        int stop = start < 0 ? -1 : text.indexOf(end, start);
        String fields = stop < 0 ? "" : text.substring(head, start).toLowerCase(Locale.ROOT);
        if (!fields.contains("name=\"photo\"") || !fields.contains("content-type: image/png")) {
            answer(exchange, 400, "The photo must be a PNG\n");
            return;
        }
        String name = UUID.randomUUID() + ".png";
        Files.write(photos.resolve(name), text.substring(start + 4, stop).getBytes(StandardCharsets.ISO_8859_1));
        exchange.getResponseHeaders().set("Location", "/photos/" + name);
        answer(exchange, 303, null);
    }

    private void health(HttpExchange exchange) throws IOException {
        boolean up = Files.isWritable(photos);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        answer(exchange, up ? 200 : 503, "{\"disk\":\"" + (up ? "up" : "down") + "\"}");
    }

    private void page(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String name = path.endsWith("/") ? path + "index.html" : path;
        try (InputStream content =
                name.contains("..") ? null : JdkService.class.getResourceAsStream("/service" + name)) {
            if (content == null || !isRead(exchange)) {
                answer(exchange, 404, "Not Found");
                return;
            }
            exchange.getResponseHeaders().set("Content-Type", type(name));
            exchange.getResponseHeaders().set("Cache-Control", "no-cache");
            answer(exchange, 200, content, 0);
        }
    }

    private static boolean isRead(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("GET")
                || exchange.getRequestMethod().equals("HEAD");
    }

    private static String type(String name) {
        return Objects.requireNonNullElse(URLConnection.guessContentTypeFromName(name), "application/octet-stream");
    }

    /** The body; null if it is too long, which has been answered. */
    private static byte @Nullable [] body(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
        if (body.length <= MOST_BYTES) {
            return body;
        }
        answer(exchange, 413, "Content Too Large");
        return null;
    }

    private static void answerJson(HttpExchange exchange, String json) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        answer(exchange, 200, json);
    }

    private static void answer(HttpExchange exchange, int status, @Nullable String text) throws IOException {
        byte[] content = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
        boolean isEmpty = content.length == 0 || exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, isEmpty ? -1 : content.length);
        if (!isEmpty) {
            exchange.getResponseBody().write(content);
        }
        exchange.close();
    }

    private static void answer(HttpExchange exchange, int status, InputStream content, long length) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, length);
            content.transferTo(exchange.getResponseBody());
        }
        exchange.close();
    }

    private static String json(String id, String text) {
        return "{\"id\":" + quoted(id) + ",\"text\":" + quoted(text) + "}";
    }

    private static String quoted(String text) {
        return text.chars()
                .mapToObj(
                        c -> c < ' ' || c == '"' || c == '\\' ? String.format("\\u%04x", c) : String.valueOf((char) c))
                .collect(Collectors.joining("", "\"", "\""));
    }
}
