package org.httpkit.examples.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.httpkit.web.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As somebody would test a service: the whole of it, on a free port. */
class ServiceTest {
    @TempDir
    Path photos;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(new Service(photos).routes());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void keepsNotes() throws Exception {
        assertThat(put("/api/notes/a%2Fb", "say \"hi\"").statusCode()).isEqualTo(201);
        assertThat(put("/api/notes/a%2Fb", "say \"hello\"").statusCode()).isEqualTo(204);

        HttpResponse<String> note = server.get("/api/notes/a%2Fb");
        assertThat(note.body()).isEqualTo("{\"id\":\"a/b\",\"text\":\"say \\u0022hello\\u0022\"}");
        assertThat(note.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(server.get("/api/notes").body()).isEqualTo("[" + note.body() + "]");
        assertThat(server.send(server.request("/api/notes/a%2Fb").DELETE()).statusCode())
                .isEqualTo(204);
        assertThat(server.get("/api/notes/a%2Fb").statusCode()).isEqualTo(404);
    }

    private HttpResponse<String> put(String path, String text) throws Exception {
        return server.send(server.request(path).PUT(BodyPublishers.ofString(text)));
    }

    @Test
    void letsItsPageOfAnotherOriginIn() throws Exception {
        HttpResponse<String> preflight = server.send(server.request("/api/notes/7")
                .method("OPTIONS", BodyPublishers.noBody())
                .header("Origin", "https://notes.example")
                .header("Access-Control-Request-Method", "PUT"));

        assertThat(preflight.headers().firstValue("Access-Control-Allow-Methods"))
                .contains("GET, PUT, DELETE");
    }

    @Test
    void takesAPhotoByForm() throws Exception {
        HttpResponse<String> sent = server.post("/photos", "multipart/form-data; boundary=b", """
                --b\r
                Content-Disposition: form-data; name="photo"; filename="me.png"\r
                Content-Type: image/png\r
                \r
                pixels\r
                --b--\r
                """);
        assertThat(sent.statusCode()).isEqualTo(303);

        HttpResponse<String> photo =
                server.get(sent.headers().firstValue("Location").orElseThrow());
        assertThat(photo.body()).isEqualTo("pixels");
        assertThat(photo.headers().firstValue("Content-Type")).contains("image/png");
    }

    @Test
    void refusesWhatIsNoPhoto() throws Exception {
        assertThat(server.post("/photos", "multipart/form-data; boundary=b", "--b--")
                        .statusCode())
                .isEqualTo(400);
        assertThat(server.post("/photos", "text/plain", "photo").statusCode()).isEqualTo(415);
    }

    @Test
    void showsItsPage() throws Exception {
        HttpResponse<String> page = server.get("/");

        assertThat(page.body()).contains("<h1>Notes and photos</h1>");
        assertThat(page.headers().firstValue("Cache-Control")).contains("no-cache");
        assertThat(page.headers().firstValue("Content-Security-Policy")).contains("default-src 'self'");
        assertThat(server.get("/health").body()).contains("\"disk\":\"up\"");
    }
}
