package org.httpkit.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.ServiceLoader;
import org.httpkit.server.Compression;
import org.httpkit.server.ContentCoding;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.junit.jupiter.api.Test;

/** Tests what every {@link ContentCoding} has to do, alone and in a server. Tests of a coding extend this class. */
public abstract class ContentCodingContract {
    private static final String TEXT = "What repeats is short, what repeats is short. ".repeat(2000);
    private static final int LIMIT = 100_000;

    private final ContentCoding coding;

    protected ContentCodingContract(ContentCoding coding) {
        this.coding = coding;
    }

    @Test
    final void theServerFindsIt() {
        assertTrue(
                ServiceLoader.load(ContentCoding.class).stream().anyMatch(found -> found.type() == coding.getClass()));
    }

    @Test
    final void decodesWhatItHasEncoded() throws IOException {
        byte[] noise = new byte[300_000];
        new Random(1).nextBytes(noise);
        for (byte[] content : new byte[][] {{}, {7}, noise, utf8(TEXT)}) {
            assertArrayEquals(content, decoded(encoded(content)));
        }
        assertTrue(encoded(utf8(TEXT)).length < TEXT.length() / 20);
    }

    @Test
    final void aClientCanDecodeWhatWasFlushed() throws IOException {
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        try (OutputStream encoder = coding.encode(coded)) {
            for (String piece : new String[] {"one", "two", "three"}) {
                encoder.write(utf8(piece));
                encoder.flush();

                assertEquals(piece, lastOf(piece.length(), coded.toByteArray()));
            }
        }
    }

    /** Returns the end of the text that can be decoded so far. */
    private String lastOf(int length, byte[] coded) throws IOException {
        try (InputStream decoder = coding.decode(new ByteArrayInputStream(coded))) {
            StringBuilder text = new StringBuilder();
            byte[] buffer = new byte[100];
            try {
                for (int read = decoder.read(buffer); read >= 0; read = decoder.read(buffer)) {
                    text.append(new String(buffer, 0, read, StandardCharsets.UTF_8));
                }
            } catch (IOException e) {
                // The coding is not complete.
            }
            return text.substring(text.length() - length);
        }
    }

    @Test
    final void refusesWhatIsNoSuchCoding() throws IOException {
        byte[] coded = encoded(utf8(TEXT));

        assertThrows(IOException.class, () -> decoded(utf8("\u0001\u0002 neither this nor that, in no coding at all")));
        assertThrows(IOException.class, () -> decoded(Arrays.copyOf(coded, coded.length - 1)));
        assertThrows(IOException.class, () -> decoded(Arrays.copyOf(coded, coded.length + 3)));
    }

    @Test
    final void aResponseIsCodedForAClientThatTakesIt() throws IOException {
        try (HttpServer server = start(request -> Response.text(TEXT));
                RawClient client = RawClient.connect(server.port())) {
            RawResponse response = client.send(
                            "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip, " + coding.name() + "\r\n\r\n")
                    .read();

            assertEquals(coding.name(), response.field("Content-Encoding"));
            assertEquals(TEXT, new String(decoded(response.body()), StandardCharsets.UTF_8));
        }
    }

    @Test
    final void aHandlerGetsTheBodyDecoded() throws IOException {
        Handler lengthOfBody =
                request -> Response.text(Integer.toString(request.body().bytes().length));
        for (Handler handler : new Handler[] {lengthOfBody, Handler.streaming(lengthOfBody)}) {
            try (HttpServer server = start(handler);
                    RawClient client = RawClient.connect(server.port())) {
                assertEquals(
                        Integer.toString(TEXT.length()),
                        post(client, encoded(utf8(TEXT))).text());
            }
        }
    }

    @Test
    final void aBodyThatBecomesTooLongEndsAtTheLimit() throws IOException {
        byte[] bomb = encoded(new byte[50_000_000]);
        assertTrue(bomb.length < LIMIT);
        try (HttpServer server = start(request -> Response.text(request.body().text()));
                RawClient client = RawClient.connect(server.port())) {
            assertEquals(413, post(client, bomb).status());
        }
    }

    private static HttpServer start(Handler handler) throws IOException {
        return HttpServer.builder()
                .address("127.0.0.1", 0)
                .compression(Compression.on())
                .decompressRequests(true)
                .maxBodyBytes(LIMIT)
                .handler(handler)
                .start();
    }

    private RawResponse post(RawClient client, byte[] body) throws IOException {
        return client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: " + coding.name() + "\r\nContent-Length: "
                        + body.length + "\r\n\r\n")
                .send(body)
                .read();
    }

    private byte[] encoded(byte[] content) throws IOException {
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        try (OutputStream encoder = coding.encode(coded)) {
            encoder.write(content);
        }
        return coded.toByteArray();
    }

    private byte[] decoded(byte[] coded) throws IOException {
        try (InputStream decoder = coding.decode(new ByteArrayInputStream(coded))) {
            return decoder.readAllBytes();
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
