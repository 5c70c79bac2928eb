package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Forms that a client sends to a server. */
class MultipartTest {
    @TempDir
    Path temp;

    private static String field(String name, String value) {
        return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }

    private static String file(String name, String fileName, String content) {
        return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"" + fileName
                + "\"\r\nContent-Type: text/plain\r\n\r\n" + content + "\r\n";
    }

    private static RawResponse post(Handler handler, String type, String body) throws Exception {
        try (HttpServer server = HttpServer.builder()
                        .port(0)
                        .maxBodyBytes(16)
                        .handler(handler)
                        .start();
                RawClient client = RawClient.connect(server)) {
            return client.send("POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: " + type + "\r\nContent-Length: "
                            + body.length() + "\r\n\r\n" + body)
                    .read();
        }
    }

    private static RawResponse post(Handler handler, String body) throws Exception {
        return post(handler, "multipart/form-data; boundary=b", body);
    }

    private List<Path> spilled() throws IOException {
        try (Stream<Path> files = Files.list(temp)) {
            return files.toList();
        }
    }

    @Test
    void collectsFieldsAndFiles() throws Exception {
        Handler handler = Multipart.of().collected((request, form) -> {
            FormPart file = form.file("f");
            return Response.text(form.value("a") + " " + form.value("none") + " " + file.fileName() + " "
                    + file.contentType() + " " + file.length() + " " + file.text() + " "
                    + form.all("a").size() + " " + form.parts().size());
        });

        RawResponse answer =
                post(handler, field("a", "1") + field("a", "2") + file("f", "x/y.txt", "content") + "--b--\r\n");

        assertThat(answer.text()).isEqualTo("1 null y.txt text/plain 7 content 2 3");
    }

    @Test
    void putsWhatIsLongIntoFilesAndRemovesThem() throws Exception {
        List<Path> during = new ArrayList<>();
        String content = "0123456789".repeat(3000);
        Handler handler = Multipart.of().memoryBytes(100).spillTo(temp).collected((request, form) -> {
            during.addAll(spilled());
            form.file("f").saveTo(temp.resolve("kept"));
            try (InputStream stream = form.file("f").stream()) {
                assertThat(stream.readAllBytes()).hasSize(30_000);
            }
            return Response.text(form.value("a") + " " + form.value("late") + " "
                    + new String(form.file("f").bytes(), StandardCharsets.US_ASCII).equals(content));
        });

        RawResponse answer = post(handler, field("a", "1") + file("f", "f", content) + field("late", "2") + "--b--");

        assertThat(answer.text()).isEqualTo("1 2 true");
        assertThat(during).hasSize(1);
        assertThat(spilled()).containsExactly(temp.resolve("kept"));
        assertThat(temp.resolve("kept")).hasContent(content);
    }

    @Test
    void refusesAFormWhoseHeaderFieldsTakeTooMuchMemory() throws Exception {
        String form = file("n".repeat(4000), "f".repeat(4000), "").repeat(200) + "--b--";
        Multipart.FormHandler count =
                (request, collected) -> Response.text("" + collected.parts().size());

        RawResponse refused = post(Multipart.of().collected(count), form);

        assertThat(refused.status()).isEqualTo(413);
        assertThat(refused.text()).isEqualTo("The header fields of all parts are too long\n");
        Multipart generous = Multipart.of().headerMemoryBytes(8 << 20);
        assertThat(post(generous.collected(count), form).text()).isEqualTo("200");
        assertThat(post(Multipart.of().streamed(counting()), form).text()).isEqualTo("200");
    }

    @Test
    void takesAsManyFieldsAsAFormMayHave() throws Exception {
        String form = field("a-usual-name", "value").repeat(1000) + "--b--";
        Handler count = Multipart.of()
                .collected((request, collected) ->
                        Response.text("" + collected.parts().size()));

        assertThat(post(count, form).text()).isEqualTo("1000");
    }

    private static Multipart.PartsHandler counting() {
        return (request, parts) -> {
            int count = 0;
            while (parts.next() != null) {
                count++;
            }
            return Response.text("" + count);
        };
    }

    @Test
    void removesFilesOfAFormThatIsRefused() throws Exception {
        Handler handler = Multipart.of().memoryBytes(0).spillTo(temp).collected((request, form) -> Response.of(204));

        RawResponse answer = post(handler, file("f", "f", "content") + file("g", "g", "content") + "--wrong--");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text()).isEqualTo("The body ends without its last delimiter\n");
        assertThat(spilled()).isEmpty();
    }

    @Test
    void removesFilesWhenTheHandlerFails() throws Exception {
        Handler handler = Multipart.of().memoryBytes(0).spillTo(temp).collected((request, form) -> {
            throw new IllegalStateException("meant");
        });

        assertThat(post(handler, file("f", "f", "content") + "--b--").status()).isEqualTo(500);
        assertThat(spilled()).isEmpty();
    }

    @Test
    void keepsFilesUntilALateResponseHasCome() throws Exception {
        CompletableFuture<Response> late = new CompletableFuture<>();
        CompletableFuture<Form> given = new CompletableFuture<>();
        Handler handler = Multipart.of().memoryBytes(0).spillTo(temp).collected((request, form) -> {
            given.complete(form);
            return Response.later(late);
        });
        given.thenAccept(form -> {
            try {
                late.complete(Response.text(form.file("f").text()));
            } catch (IOException e) {
                late.completeExceptionally(e);
            }
        });

        assertThat(post(handler, file("f", "f", "content") + "--b--").text()).isEqualTo("content");
        assertThat(spilled()).isEmpty();
    }

    @Test
    void givesPartsAsTheyArrive() throws Exception {
        Handler handler = Multipart.of().streamed((request, parts) -> {
            StringBuilder seen = new StringBuilder();
            for (Part part = parts.next(); part != null; part = parts.next()) {
                if (!part.name().equals("skipped")) {
                    seen.append(part.name()).append('=').append(part.text()).append(' ');
                }
            }
            return Response.text(seen.toString());
        });
        try (HttpServer server = HttpServer.builder().port(0).handler(handler).start();
                RawClient client = RawClient.connect(server)) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                    + "Content-Type: multipart/form-data; boundary=b\r\n\r\n");
            String body = field("a", "1") + field("skipped", "x".repeat(50_000)) + field("c", "3") + "--b--\r\n";
            for (int at = 0; at < body.length(); at += 7001) {
                String piece = body.substring(at, Math.min(body.length(), at + 7001));
                client.send(Integer.toHexString(piece.length()) + "\r\n" + piece + "\r\n");
            }
            assertThat(client.send("0\r\n\r\n").read().text()).isEqualTo("a=1 c=3 ");
        }
    }

    @Test
    void streamOfAPartEndsWithTheNextPart() throws Exception {
        Handler handler = Multipart.of().streamed((request, parts) -> {
            InputStream first = parts.next().stream();
            parts.next();
            assertThatThrownBy(first::read).isInstanceOf(IOException.class).hasMessageContaining("next part");
            return Response.text("so it is");
        });

        assertThat(post(handler, field("a", "1") + field("c", "2") + "--b--").text())
                .isEqualTo("so it is");
    }

    @Test
    void answersWhatIsNoSuchForm() throws Exception {
        Handler handler = Multipart.of().collected((request, form) -> Response.of(204));

        assertThat(post(handler, "application/json", "{}").status()).isEqualTo(415);
        assertThat(post(handler, "multipart/form-data", "--b--").status()).isEqualTo(400);
    }

    @Test
    void answersWhatIsTooMuch() throws Exception {
        Multipart multipart =
                Multipart.of().maxParts(2).maxPartBytes(10).maxTotalBytes(500).maxHeaderBytes(100);
        Handler handler = multipart.collected((request, form) -> Response.text("taken"));

        assertThat(post(handler, field("a", "0123456789") + "--b--").text()).isEqualTo("taken");
        assertThat(post(handler, field("a", "0123456789x") + "--b--").status()).isEqualTo(413);
        assertThat(post(handler, field("a", "") + field("a", "") + field("a", "") + "--b--")
                        .status())
                .isEqualTo(413);
        assertThat(post(handler, field("a".repeat(100), "") + "--b--").status()).isEqualTo(413);
        assertThat(post(handler, field("a", "1") + "--b--" + " ".repeat(500)).status())
                .isEqualTo(413);
    }

    @Test
    void cutsAResponseThatHasBegunBeforeTheFormBreaksARule() throws Exception {
        Handler handler = Multipart.of().streamed((request, parts) -> {
            OutputStream out = request.beginResponse(Response.of(200), -1);
            parts.next();
            out.write("first".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            parts.next();
            out.close();
            return null;
        });

        assertThat(post(handler, field("a", "1") + "--bad\r\n").isComplete()).isFalse();
    }

    @Test
    void answersATextThatIsNotInItsCharset() throws Exception {
        Handler handler = Multipart.of().collected((request, form) -> Response.text("text " + form.value("a")));

        assertThat(post(handler, field("a", "\u00e4") + "--b--").status()).isEqualTo(400);
        String latin =
                "--b\r\nContent-Disposition: form-data; name=a\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n"
                        + "\u00e4\r\n--b--";
        assertThat(new String(post(handler, latin).body(), StandardCharsets.UTF_8))
                .isEqualTo("text \u00e4");
    }

    /** 64 MB through a handler, in pieces that a heap of any size can hold. */
    @Test
    void holdsNothingOfALongFile() throws Exception {
        long length = 64 << 20;
        Handler handler = Multipart.of()
                .maxPartBytes(length)
                .maxTotalBytes(length + 1000)
                .streamed((request, parts) ->
                        Response.text(Long.toString(parts.next().stream().transferTo(OutputStream.nullOutputStream()))
                                + " " + (parts.next() == null)));
        byte[] head =
                "--b\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] tail = "\r\n--b--\r\n".getBytes(StandardCharsets.US_ASCII);
        try (HttpServer server = HttpServer.builder().port(0).handler(handler).start();
                RawClient client = RawClient.connect(server)) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: "
                            + (length + head.length + tail.length) + "\r\n\r\n");
            client.send(head);
            byte[] piece = new byte[1 << 20];
            for (long sent = 0; sent < length; sent += piece.length) {
                client.send(piece);
            }
            assertThat(client.send(tail).read().text()).isEqualTo(length + " true");
        }
    }

    @Test
    void refusesLimitsThatAreNone() {
        assertThatThrownBy(() -> Multipart.of().maxParts(0)).hasMessage("maxParts is 0; it must be 1 or more");
        assertThatThrownBy(() -> Multipart.of().memoryBytes(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
