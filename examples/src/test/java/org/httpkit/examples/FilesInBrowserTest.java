package org.httpkit.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.httpkit.server.FinishedExchange;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.httpkit.server.ServerObserver;
import org.httpkit.web.Multipart;
import org.httpkit.web.Part;
import org.httpkit.web.Routes;
import org.httpkit.web.StaticFiles;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real browser makes of files, ranges, conditions and forms. Skipped where there is none. */
@Tag("long")
@Tag("once")
class FilesInBrowserTest {
    /** How long the uploaded file is, in MiB; more by {@code -Dform.mebibytes=2048}. */
    private static final long FORM_BYTES = Long.getLong("form.mebibytes", 64) << 20;

    private static final int SECONDS = 1800;
    private static final int BYTES_PER_SECOND = 16_000;

    private static Browser browser;

    @TempDir
    Path folder;

    private final Queue<FinishedExchange> finished = new ConcurrentLinkedQueue<>();
    private HttpServer server;

    @BeforeAll
    static void start() throws Exception {
        browser = Browser.start().orElse(null);
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void requireBrowser() {
        assumeTrue(browser != null, "chromium or chromedriver is not on the PATH");
    }

    @AfterEach
    void close() {
        if (server != null) {
            browser.open("about:blank");
            server.stop();
        }
    }

    @Test
    void seeksInALongSoundByRanges() throws Exception {
        writeSound(folder.resolve("sound.wav"));
        Files.writeString(
                folder.resolve("index.html"),
                "<!doctype html><title>Sound</title><audio preload=metadata src=sound.wav></audio>");
        serve(StaticFiles.of(folder));
        browser.open(page("/"));
        browser.await("the length of the sound", () -> audio("seekable.length").equals(1L));
        assertThat(audio("seekable.start(0)")).isEqualTo(0L);
        assertThat(((Number) audio("seekable.end(0)")).intValue()).isEqualTo(SECONDS);

        browser.script("document.querySelector('audio').currentTime = 1500");

        browser.await(
                "the sound at second 1500",
                () -> audio("seeking").equals(false) && ((Number) audio("readyState")).intValue() >= 2);
        assertThat(((Number) audio("currentTime")).intValue()).isEqualTo(1500);
        browser.open("about:blank"); // lets go of the sound
        browser.await(
                "a range about second 1500", () -> saw(206, request -> firstOf(request) > 1000L * BYTES_PER_SECOND));
    }

    @Test
    void reloadsAPageWithoutItsBytes() throws Exception {
        Files.writeString(
                folder.resolve("index.html"), "<!doctype html><title>Page</title><script src=script.js></script>");
        Files.writeString(folder.resolve("script.js"), "document.title = 'Run'");
        serve(StaticFiles.of(folder).cache("**", "no-cache"));
        browser.open(page("/"));
        assertThat(browser.script("return document.title")).isEqualTo("Run");

        browser.script("document.title = ''; location.reload()");

        browser.await("the script's run", () -> browser.script("return document.title")
                .equals("Run"));
        browser.await(
                "the page by its tag",
                () -> saw(304, request -> request.path().equals("/") && request.header("If-None-Match") != null));
        browser.await(
                "the script by its tag",
                () -> saw(304, request -> request.path().equals("/script.js")));
    }

    @Test
    void completesADownloadThatWasCut() throws Exception {
        byte[] bytes = new byte[16 << 20];
        new Random(1).nextBytes(bytes);
        Files.write(folder.resolve("large.bin"), bytes);
        StaticFiles files = StaticFiles.of(folder);
        AtomicReference<String> tag = new AtomicReference<>(); // of the file; until it is known nothing is cut
        AtomicBoolean cut = new AtomicBoolean();
        serve(request -> {
            Response response = files.handle(request);
            if (response == null
                    || tag.get() == null
                    || !request.path().endsWith(".bin")
                    || !cut.compareAndSet(false, true)) {
                return response;
            }
            InputStream half = new ByteArrayInputStream(bytes, 0, bytes.length / 2);
            return Response.of(200)
                    .header("Content-Type", "application/octet-stream")
                    .header("Accept-Ranges", "bytes")
                    .header("ETag", tag.get())
                    .body(new ResponseBody.Stream(half, bytes.length));
        });
        Files.writeString(folder.resolve("index.html"), "<!doctype html><a href=large.bin download>Large</a>");
        tag.set(tagOf("/large.bin"));
        browser.open(page("/"));

        browser.click("a");

        Path downloaded = browser.downloads().resolve("large.bin");
        browser.await("the whole file", () -> Files.exists(downloaded));
        assertThat(Files.mismatch(downloaded, folder.resolve("large.bin"))).isEqualTo(-1L);
        browser.await(
                "the second half alone",
                () -> saw(206, request -> firstOf(request) > 0 && request.header("If-Range") != null));
    }

    @Test
    void sendsAFormWithALargeFile() throws Exception {
        Path large = folder.resolve("large");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(FORM_BYTES);
        }
        serve(Routes.of()
                .get(
                        "/",
                        request -> Response.html(
                                "<!doctype html><title>Form</title>"
                                        + "<form method=post action=/form enctype=multipart/form-data>"
                                        + "<input name=title value=Zeros><input type=file name=file><button>Send</button></form>"))
                .post(
                        "/form",
                        Multipart.of()
                                .maxPartBytes(FORM_BYTES)
                                .maxTotalBytes(FORM_BYTES + 10_000)
                                .streamed((request, parts) -> {
                                    StringBuilder told = new StringBuilder();
                                    for (Part part = parts.next(); part != null; part = parts.next()) {
                                        told.append(part.name())
                                                .append(' ')
                                                .append(length(part))
                                                .append('\n');
                                    }
                                    return Response.text(told.toString());
                                })));
        browser.open(page("/"));
        browser.attach("input[type=file]", large);

        browser.click("button");

        browser.await("what arrived", () -> browser.text("body").contains("file"));
        assertThat(browser.text("body")).isEqualTo("title 5\nfile " + FORM_BYTES);
    }

    private void serve(Handler handler) throws Exception {
        server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .maxStreamedBodyBytes(FORM_BYTES + 10_000)
                .observer(new ServerObserver() {
                    @Override
                    public void exchangeFinished(FinishedExchange exchange) {
                        finished.add(exchange);
                    }
                })
                .handler(handler)
                .start();
    }

    private String page(String path) {
        return "http://localhost:" + server.port() + path;
    }

    private boolean saw(int status, Predicate<Request> which) {
        return finished.stream()
                .anyMatch(exchange ->
                        exchange.status() == status && exchange.request() != null && which.test(exchange.request()));
    }

    private String tagOf(String path) throws Exception {
        HttpRequest asked = HttpRequest.newBuilder(URI.create(page(path)))
                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                .build();
        return HttpClient.newHttpClient()
                .send(asked, HttpResponse.BodyHandlers.discarding())
                .headers()
                .firstValue("ETag")
                .orElseThrow();
    }

    /** The first byte of the range that a request asks for; -1 if it asks for none. */
    private static long firstOf(Request request) {
        String range = request.header("Range");
        return range == null ? -1 : Long.parseLong(range.substring("bytes=".length(), range.indexOf('-')));
    }

    private Object audio(String property) {
        return browser.script("return document.querySelector('audio')." + property);
    }

    private static long length(Part part) throws Exception {
        byte[] buffer = new byte[1 << 16];
        long length = 0;
        try (InputStream in = part.stream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                length += count;
            }
        }
        return length;
    }

    /** Silence in 16 bits, 8000 times a second. */
    private static void writeSound(Path file) throws Exception {
        int length = SECONDS * BYTES_PER_SECOND;
        ByteBuffer head = ByteBuffer.allocate(44).order(ByteOrder.LITTLE_ENDIAN);
        head.put("RIFF".getBytes())
                .putInt(36 + length)
                .put("WAVEfmt ".getBytes())
                .putInt(16);
        head.putShort((short) 1).putShort((short) 1).putInt(8000).putInt(BYTES_PER_SECOND);
        head.putShort((short) 2).putShort((short) 16).put("data".getBytes()).putInt(length);
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(head.array());
            out.setLength(44L + length);
        }
    }
}
