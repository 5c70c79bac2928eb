package org.httpkit.bench.service;

import io.javalin.Javalin;
import io.javalin.config.SizeUnit;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.UploadedFile;
import io.javalin.http.staticfiles.Location;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.logging.FileHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/** Notes and photos with Javalin: a JSON API with path parameters, uploads by form, a page, an access log in a file. */
public final class JavalinService {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH);

    private final Map<String, String> notes = new ConcurrentSkipListMap<>();
    private final Path photos;
    private final Logger log = Logger.getAnonymousLogger();

    JavalinService(Path data) throws IOException {
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
        new JavalinService(Files.createDirectories(Path.of("data"))).app().start(8080);
    }

    Javalin app() {
        return Javalin.create(config -> {
                    config.showJavalinBanner = false;
                    config.jetty.multipartConfig.maxFileSize(10, SizeUnit.MB);
                    config.bundledPlugins.enableCors(cors -> cors.addRule(rule -> {
                        rule.path = "/api/*";
                        rule.allowHost("https://notes.example");
                    }));
                    config.staticFiles.add(files -> {
                        files.hostedPath = "/photos";
                        files.directory = photos.toString();
                        files.location = Location.EXTERNAL;
                    });
                    config.staticFiles.add(files -> {
                        files.directory = "/service";
                        files.location = Location.CLASSPATH;
                        files.headers = Map.of("Cache-Control", "no-cache");
                    });
                    config.requestLogger.http((context, millis) -> log.log(Level.INFO, line(context)));
                })
                .before(context -> context.header("Content-Security-Policy", "default-src 'self'")
                        .header("X-Content-Type-Options", "nosniff")
                        .header("Referrer-Policy", "strict-origin-when-cross-origin"))
                .get("/api/notes", this::all)
                .get("/api/notes/{id}", this::one)
                .put("/api/notes/{id}", this::put)
                .delete("/api/notes/{id}", this::delete)
                .post("/photos", this::upload)
                .get("/health", this::health);
    }

    private static String line(Context context) {
        return context.ip() + " - - [" + TIME.format(ZonedDateTime.now()) + "] \"" + context.method() + " "
                + context.path() + " " + context.protocol() + "\" " + context.statusCode() + " "
                + Objects.requireNonNullElse(context.res().getHeader("Content-Length"), "-") + " \""
                + quotable(context.header("Referer")) + "\" \"" + quotable(context.userAgent()) + "\"";
    }

    private static String quotable(@org.jspecify.annotations.Nullable String field) {
        return field == null ? "-" : field.replaceAll("[\"\\\\\\p{Cntrl}]", "?");
    }

    private void all(Context context) {
        context.contentType("application/json")
                .result(notes.entrySet().stream()
                        .map(note -> json(note.getKey(), note.getValue()))
                        .collect(Collectors.joining(",", "[", "]")));
    }

    private void one(Context context) {
        String text = notes.get(context.pathParam("id"));
        if (text == null) {
            throw new NotFoundResponse();
        }
        context.contentType("application/json").result(json(context.pathParam("id"), text));
    }

    private void put(Context context) {
        boolean isNew = notes.put(context.pathParam("id"), context.body()) == null;
        context.status(isNew ? HttpStatus.CREATED : HttpStatus.NO_CONTENT);
    }

    private void delete(Context context) {
        if (notes.remove(context.pathParam("id")) == null) {
            throw new NotFoundResponse();
        }
        context.status(HttpStatus.NO_CONTENT);
    }

    private void upload(Context context) throws IOException {
        UploadedFile photo = context.uploadedFile("photo");
        if (photo == null || !"image/png".equals(photo.contentType())) {
            throw new BadRequestResponse("The photo must be a PNG\n");
        }
        String name = UUID.randomUUID() + ".png";
        try (InputStream content = photo.content()) {
            Files.copy(content, photos.resolve(name));
        }
        context.redirect("/photos/" + name, HttpStatus.SEE_OTHER);
    }

    private void health(Context context) {
        boolean up = Files.isWritable(photos);
        context.status(up ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
                .contentType("application/json")
                .result("{\"disk\":\"" + (up ? "up" : "down") + "\"}");
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
