package org.httpkit.tests;

import static org.httpkit.tests.ServerTest.get;
import static org.httpkit.tests.ServerTest.request;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.httpkit.http.CloseCode;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.RawWebSocket;
import org.httpkit.testkit.RawWebSocket.Frame;

/** One client of the soak: runs an errand of some kind, counts what it asks and what comes back whole. Confined to one thread. */
final class SoakClient {
    /** What a client that goes away may have said before. */
    private static final String[] LAST_WORDS = {
        "",
        get(SoakKind.ABORTED.path("")),
        get(SoakKind.ABORTED.path("large")) + get(SoakKind.ABORTED.path("")),
        get(SoakKind.ABORTED.path("stream")),
        get(SoakKind.ABORTED.path("file")),
        get(SoakKind.ABORTED.path("channel")),
        get(SoakKind.ABORTED.path("fails")) + get(SoakKind.ABORTED.path("large")),
        RawWebSocket.handshake(SoakKind.ABORTED.path("channel")),
        RawWebSocket.handshake(SoakKind.ABORTED.path("channel")) + "\u0081",
        request("POST " + SoakKind.ABORTED.path("") + " HTTP/1.1", "Content-Length: 100000") + "part",
        request("POST " + SoakKind.ABORTED.path("") + " HTTP/1.1", "Transfer-Encoding: chunked") + "5\r\nhel",
        // What is dear to take in: names that are looked up, deep folders, messages that inflate and never end.
        request(
                        "POST " + SoakKind.ABORTED.path("text") + " HTTP/1.1",
                        "Content-Type: text/plain; charset=x-unheard-of",
                        "Content-Length: 1")
                + "x",
        get(SoakKind.ABORTED.path("deep")),
        get(SoakKind.ABORTED.path("stalled")),
        RawWebSocket.handshake(SoakKind.ABORTED.path("channel"), "Sec-WebSocket-Extensions: permessage-deflate")
                + latin1(RawWebSocket.masked(false, RawWebSocket.RSV1, RawWebSocket.BINARY, bomb(), 0)),
    };

    /** 4 MB of zeros in 4000 bytes, of a message that does not end. */
    private static byte[] bomb() {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(new byte[4_000_000]);
        byte[] compressed = new byte[8192];
        int length = deflater.deflate(compressed, 0, compressed.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(compressed, Math.min(length, 4000));
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static final String[] NONSENSE = {
        "NONSENSE\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 2\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
    };

    private final Random random;
    private final SoakLedger ledger;
    private final int port;

    SoakClient(int port, SoakLedger ledger, Random random) {
        this.port = port;
        this.ledger = ledger;
        this.random = random;
    }

    /** Runs an errand; an exception says that something else came than what had to come. */
    void run(SoakKind kind) throws IOException {
        switch (kind) {
            case KEPT -> kept();
            case PIPELINED -> pipelined();
            case LENGTH -> length();
            case CHUNKED -> chunked();
            case UPLOAD -> upload();
            case DOWNLOAD -> download();
            case FILE, STALLED, INTERRUPTED -> file(kind);
            case LATER -> later();
            case WEB_SOCKET -> webSocket();
            case EVENTS -> events();
            case POLL, WAKE -> poll();
            case SLOW -> slow();
            case FAILING -> failing();
            case BREAKING -> breaking();
            case NONSENSE -> nonsense();
            case ABORTED -> aborted();
        }
    }

    private RawClient connect() throws IOException {
        return RawClient.connect(port);
    }

    private void kept() throws IOException {
        try (RawClient client = connect()) {
            for (int i = 1 + random.nextInt(20); i > 0; i--) {
                askFor(SoakKind.KEPT, client, sizeUpTo(3000));
                if (random.nextInt(10) == 0) {
                    askFor(SoakKind.KEPT, client, sizeUpTo(200_000));
                }
            }
        }
    }

    private void askFor(SoakKind kind, RawClient client, int bytes) throws IOException {
        ledger.asked(kind);
        client.send(get(kind.path(Integer.toString(bytes))));
        expectPattern(kind, bytes, client);
    }

    private void pipelined() throws IOException {
        int count = 2 + random.nextInt(30);
        int[] sizes = new int[count];
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < count; i++) {
            sizes[i] = sizeUpTo(5000);
            requests.append(get(SoakKind.PIPELINED.path(Integer.toString(sizes[i]))));
            ledger.asked(SoakKind.PIPELINED);
        }
        try (RawClient client = connect()) {
            client.send(requests.toString());
            for (int size : sizes) {
                expectPattern(SoakKind.PIPELINED, size, client);
            }
        }
    }

    private void length() throws IOException {
        int bytes = sizeUpTo(300_000);
        try (RawClient client = connect()) {
            ledger.asked(SoakKind.LENGTH);
            client.send(request("POST " + SoakKind.LENGTH.path("") + " HTTP/1.1", "Content-Length: " + bytes));
            sendInPieces(client, bytes);
            expectPattern(SoakKind.LENGTH, bytes, client);
        }
    }

    private void sendInPieces(RawClient client, int bytes) throws IOException {
        int piece = 1 + random.nextInt(bytes + 1);
        for (int at = 0; at < bytes; at += piece) {
            SoakPattern.send(client, at, Math.min(bytes, at + piece));
        }
    }

    private void chunked() throws IOException {
        int bytes = sizeUpTo(100_000);
        boolean expects = random.nextInt(3) == 0;
        String head = "POST " + SoakKind.CHUNKED.path("") + " HTTP/1.1";
        try (RawClient client = connect()) {
            ledger.asked(SoakKind.CHUNKED);
            if (expects) {
                client.send(request(head, "Transfer-Encoding: chunked", "Expect: 100-continue"));
                RawResponse interim = client.readHead();
                if (interim.status() != 100) {
                    throw new IOException("No 100 but " + interim);
                }
            } else {
                client.send(request(head, "Transfer-Encoding: chunked"));
            }
            sendChunks(client, bytes);
            expectPattern(SoakKind.CHUNKED, bytes, client);
        }
    }

    private void sendChunks(RawClient client, int bytes) throws IOException {
        for (int at = 0; at < bytes; ) {
            int end = Math.min(bytes, at + 1 + random.nextInt(20_000));
            client.send(Integer.toHexString(end - at) + (random.nextInt(5) == 0 ? ";note=x" : "") + "\r\n");
            SoakPattern.send(client, at, end);
            client.send("\r\n");
            at = end;
        }
        client.send(random.nextBoolean() ? "0\r\n\r\n" : "0\r\nX-Sum: 1\r\n\r\n");
    }

    private void upload() throws IOException {
        int bytes = sizeUpTo(1_000_000);
        String head = "POST " + SoakKind.UPLOAD.path("") + " HTTP/1.1";
        try (RawClient client = connect()) {
            ledger.asked(SoakKind.UPLOAD);
            if (random.nextBoolean()) {
                client.send(request(head, "Content-Length: " + bytes));
                sendInPieces(client, bytes);
            } else {
                client.send(request(head, "Transfer-Encoding: chunked"));
                sendChunks(client, bytes);
            }
            expect(SoakKind.UPLOAD, 200, latin1(Integer.toString(bytes)), client.read());
        }
    }

    private void download() throws IOException {
        int bytes = sizeUpTo(1_000_000);
        try (RawClient client = connect()) {
            ledger.asked(SoakKind.DOWNLOAD);
            client.send(get(SoakKind.DOWNLOAD.path(Integer.toString(bytes))));
            expectPattern(SoakKind.DOWNLOAD, bytes, client);
        }
    }

    private void file(SoakKind kind) throws IOException {
        boolean large = random.nextInt(20) == 0 && kind != SoakKind.INTERRUPTED;
        try (RawClient client = connect()) {
            ledger.asked(kind);
            client.send(get(kind.path(large ? "large" : "small")));
            expectPattern(kind, large ? SoakTest.LARGE_FILE_BYTES : SoakTest.SMALL_FILE_BYTES, client);
        }
    }

    private void later() throws IOException {
        try (RawClient client = connect()) {
            ledger.asked(SoakKind.LATER);
            expect(
                    SoakKind.LATER,
                    200,
                    latin1("late"),
                    client.send(get(SoakKind.LATER.path(""))).read());
        }
    }

    private void webSocket() throws IOException {
        boolean deflate = random.nextBoolean();
        String[] offer = deflate ? new String[] {"Sec-WebSocket-Extensions: permessage-deflate"} : new String[0];
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        Inflater inflater = new Inflater(true);
        ledger.asked(SoakKind.WEB_SOCKET);
        try (RawClient client = connect();
                RawWebSocket socket = RawWebSocket.open(client, SoakKind.WEB_SOCKET.path(""), offer)) {
            if (deflate != (socket.handshake().field("Sec-WebSocket-Extensions") != null)) {
                throw new IOException("No agreement on compression: " + socket.handshake());
            }
            for (int i = random.nextInt(20); i >= 0; i--) {
                byte[] message = SoakPattern.first(sizeUpTo(50_000));
                boolean compressed = deflate && random.nextBoolean();
                sendMessage(socket, compressed ? deflated(deflater, message) : message, compressed);
                Frame echo = socket.readMessage();
                byte[] came = echo.rsv() == 0 ? echo.payload() : inflated(inflater, echo.payload());
                if (!Arrays.equals(came, message)) {
                    throw new IOException("Not the echo of " + message.length + " bytes but " + echo);
                }
            }
            socket.close(CloseCode.NORMAL, "");
            if (socket.readClose().closeCode() != CloseCode.NORMAL) {
                throw new IOException("Not closed in order");
            }
            socket.awaitEnd();
            ledger.answered(SoakKind.WEB_SOCKET);
        } finally {
            deflater.end();
            inflater.end();
        }
    }

    private void sendMessage(RawWebSocket socket, byte[] payload, boolean compressed) throws IOException {
        int opcode = random.nextBoolean() ? RawWebSocket.TEXT : RawWebSocket.BINARY;
        int rsv = compressed ? RawWebSocket.RSV1 : 0;
        if (random.nextBoolean()) {
            socket.frame(true, rsv, opcode, payload);
            return;
        }
        int cut = random.nextInt(payload.length + 1);
        socket.frame(false, rsv, opcode, Arrays.copyOf(payload, cut));
        socket.frame(true, 0, RawWebSocket.CONTINUATION, Arrays.copyOfRange(payload, cut, payload.length));
    }

    /** One message by itself (RFC 7692 section 7.2.1). */
    private static byte[] deflated(Deflater deflater, byte[] message) {
        deflater.reset();
        deflater.setInput(message);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] piece = new byte[8192];
        int count;
        do {
            count = deflater.deflate(piece, 0, piece.length, Deflater.SYNC_FLUSH);
            out.write(piece, 0, count);
        } while (count == piece.length);
        return Arrays.copyOf(out.toByteArray(), out.size() - 4);
    }

    private static byte[] inflated(Inflater inflater, byte[] payload) throws IOException {
        byte[] whole = Arrays.copyOf(payload, payload.length + 4);
        whole[payload.length + 2] = (byte) 0xff;
        whole[payload.length + 3] = (byte) 0xff;
        inflater.setInput(whole);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] piece = new byte[8192];
        try {
            for (int count = inflater.inflate(piece); count > 0; count = inflater.inflate(piece)) {
                out.write(piece, 0, count);
            }
        } catch (DataFormatException e) {
            throw new IOException("Not DEFLATE data", e);
        }
        return out.toByteArray();
    }

    private void events() throws IOException {
        int count = 1 + random.nextInt(30);
        try (RawClient client = connect()) {
            ledger.asked(SoakKind.EVENTS);
            RawResponse response = client.send(get(SoakKind.EVENTS.path(Integer.toString(count))))
                    .read();
            StringBuilder expected = new StringBuilder();
            for (int i = 0; i < count; i++) {
                expected.append("data: number ").append(i).append("\n\n");
            }
            expect(SoakKind.EVENTS, 200, latin1(expected.toString()), response);
        }
    }

    private void poll() throws IOException {
        try (RawClient waiting = connect();
                RawClient waking = connect()) {
            ledger.asked(SoakKind.POLL);
            waiting.send(get(SoakKind.POLL.path("")));
            do {
                ledger.asked(SoakKind.WAKE);
                RawResponse answer = waking.send(get(SoakKind.WAKE.path(""))).read();
                expect(SoakKind.WAKE, 200, answer.body(), answer);
            } while (waiting.staysQuiet(Duration.ofMillis(1 + random.nextInt(5))));
            expect(SoakKind.POLL, 200, latin1("awake"), waiting.read());
        }
    }

    private void slow() throws IOException {
        int bytes = sizeUpTo(200_000);
        try (RawClient client = RawClient.connect(port, 4096)) {
            ledger.asked(SoakKind.SLOW);
            byte[] head = latin1(get(SoakKind.SLOW.path(Integer.toString(bytes))));
            for (int at = 0; at < head.length; ) {
                int end = Math.min(head.length, at + 1 + random.nextInt(10));
                client.send(Arrays.copyOfRange(head, at, end));
                if (end < head.length && !client.staysQuiet(Duration.ofMillis(random.nextInt(10)))) {
                    throw new EOFException("The server does not wait for a slow head");
                }
                at = end;
            }
            if (random.nextBoolean()) {
                expectPattern(SoakKind.SLOW, bytes, client);
            } else {
                RawResponse response = client.readHead();
                SoakPattern.Comparison body = new SoakPattern.Comparison();
                byte[] sip = new byte[10_000];
                while (body.count() < bytes) {
                    int length = client.read(sip);
                    if (length < 0) {
                        throw new EOFException("The end within a body that was read slowly");
                    }
                    body.write(sip, 0, length);
                }
                if (response.status() != 200 || !body.isFirst(bytes)) {
                    throw new IOException("Not what was asked for: " + response + ", " + body);
                }
                ledger.answered(SoakKind.SLOW);
            }
        }
    }

    private void failing() throws IOException {
        try (RawClient client = connect()) {
            for (int i = 0; i < 4; i++) {
                ledger.asked(SoakKind.FAILING);
                RawResponse answer =
                        client.send(get(SoakKind.FAILING.path("" + i))).read();
                if (answer.text().contains("purpose")) {
                    throw new IOException("The client learns what is none of its business: " + answer.text());
                }
                expect(SoakKind.FAILING, 500, answer.body(), answer);
            }
        }
    }

    private void breaking() throws IOException {
        try (RawClient client = connect()) {
            ledger.asked(SoakKind.BREAKING);
            client.send(get(SoakKind.BREAKING.path("")));
            RawResponse answer = client.read();
            if (answer.status() != 200 || answer.isComplete()) {
                throw new IOException("A broken body that looks whole: " + answer);
            }
            ledger.answered(SoakKind.BREAKING);
        }
    }

    private void nonsense() throws IOException {
        try (RawClient client = connect()) {
            ledger.asked(SoakKind.NONSENSE);
            RawResponse answer =
                    client.send(NONSENSE[random.nextInt(NONSENSE.length)]).read();
            expect(SoakKind.NONSENSE, 400, answer.body(), answer);
        }
    }

    private void aborted() throws IOException {
        try (RawClient client = connect().patience(Duration.ofMillis(1 + random.nextInt(20)))) {
            ledger.asked(SoakKind.ABORTED);
            String words = LAST_WORDS[random.nextInt(LAST_WORDS.length)];
            client.send(random.nextInt(3) == 0 ? words.substring(0, random.nextInt(words.length() + 1)) : words);
            switch (random.nextInt(4)) {
                case 0 -> client.reset();
                case 1 -> client.endOutput().skipToEnd();
                case 2 -> client.readHead();
                default -> {}
            }
        } catch (IOException | AssertionError e) {
            // What comes is of no interest to a client that goes away.
        }
    }

    private void expect(SoakKind kind, int status, byte[] body, RawResponse response) throws IOException {
        if (response.status() != status || !response.isComplete() || !Arrays.equals(response.body(), body)) {
            throw new IOException("Not " + status + " with " + body.length + " bytes: " + response);
        }
        ledger.answered(kind);
    }

    /** Reads an answer and compares its body as it comes: several large ones at once would need more heap than the server. */
    private void expectPattern(SoakKind kind, int bytes, RawClient client) throws IOException {
        SoakPattern.Comparison body = new SoakPattern.Comparison();
        RawResponse response = client.read(body);
        if (response.status() != 200 || !response.isComplete() || !body.isFirst(bytes)) {
            throw new IOException("Not 200 with " + bytes + " bytes: " + response + ", " + body);
        }
        ledger.answered(kind);
    }

    /** Small ones are more likely. */
    private int sizeUpTo(int most) {
        return (int) (most * Math.pow(random.nextDouble(), 3));
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
