package org.httpkit.examples.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import org.httpkit.http.Method;
import org.httpkit.server.AccessLog;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.web.Cors;
import org.httpkit.web.Form;
import org.httpkit.web.FormPart;
import org.httpkit.web.Health;
import org.httpkit.web.LogFile;
import org.httpkit.web.Multipart;
import org.httpkit.web.Params;
import org.httpkit.web.Routes;
import org.httpkit.web.SecurityFields;
import org.httpkit.web.StaticFiles;
import org.jspecify.annotations.Nullable;

/** Notes and photos: a JSON API with path parameters, uploads by form, a page, an access log in a file. */
public final class Service {
    private final Map<String, String> notes = new ConcurrentSkipListMap<>();
    private final Path photos;

    /** @param photos the folder where photos are kept */
    public Service(Path photos) {
        this.photos = photos;
    }

    /** Starts the service on port 8080, with its files in the folder {@code data}. */
    public static void main(String... arguments) throws IOException {
        Path data = Files.createDirectories(Path.of("data"));
        LogFile log = LogFile.at(data.resolve("access.log"), 100 << 20, 9);
        HttpServer.builder()
                .port(8080)
                .observer(AccessLog.combined(log.sink()))
                .handler(new Service(Files.createDirectories(data.resolve("photos"))).routes())
                .start();
    }

    /** Everything that the service answers. */
    public Routes routes() {
        Routes api = Routes.of()
                .with(Cors.of("https://notes.example")
                        .methods(Method.GET, Method.PUT, Method.DELETE)
                        .headers("Content-Type"))
                .get("/notes", request -> all())
                .get("/notes/{id}", request -> one(Params.of(request).get("id")))
                .put("/notes/{id}", this::put)
                .delete("/notes/{id}", this::delete);
        return Routes.of()
                .with(SecurityFields.of().contentSecurityPolicy("default-src 'self'"))
                .mount("/api", api)
                .post("/photos", Multipart.of().maxPartBytes(10 << 20).collected(this::upload))
                .get("/photos/{path...}", StaticFiles.of(photos))
                .get("/health", Health.of(Duration.ofSeconds(1)).check("disk", () -> Files.isWritable(photos)))
                .get(
                        "/{path...}",
                        StaticFiles.onClassPath(Service.class, "/service").cache("**", "no-cache"));
    }

    private Response all() {
        return Response.json(notes.entrySet().stream()
                .map(note -> json(note.getKey(), note.getValue()))
                .collect(Collectors.joining(",", "[", "]")));
    }

    private @Nullable Response one(String id) {
        String text = notes.get(id);
        return text == null ? null : Response.json(json(id, text));
    }

    private Response put(Request request) throws IOException {
        String id = Params.of(request).get("id");
        boolean isNew = notes.put(id, request.body().text()) == null;
        return Response.of(isNew ? 201 : 204);
    }

    private @Nullable Response delete(Request request) {
        return notes.remove(Params.of(request).get("id")) == null ? null : Response.of(204);
    }

    private Response upload(Request request, Form form) throws IOException {
        FormPart photo = form.file("photo");
        if (photo == null || !"image/png".equals(photo.contentType())) {
            return Response.text("The photo must be a PNG\n").status(400);
        }
        String name = UUID.randomUUID() + ".png";
        photo.saveTo(photos.resolve(name));
        return Response.seeOther("/photos/" + name);
    }

    private static String json(String id, String text) {
        return "{\"id\":" + quoted(id) + ",\"text\":" + quoted(text) + "}";
    }

    /** A library would do that in a service with more JSON than this. */
    private static String quoted(String text) {
        return text.chars()
                .mapToObj(
                        c -> c < ' ' || c == '"' || c == '\\' ? String.format("\\u%04x", c) : String.valueOf((char) c))
                .collect(Collectors.joining("", "\"", "\""));
    }
}
