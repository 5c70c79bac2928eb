package org.httpkit.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.httpkit.http.Headers;
import org.httpkit.server.HttpServer;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/2 client with prior knowledge that sends exactly the frames it is given, good or bad, and parses the server's
 * by RFC 9113. Its calls block for some seconds at most. One thread may send while another one reads.
 */
public final class RawHttp2 implements AutoCloseable {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int PRIORITY = 2;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;
    public static final int PRIORITY_UPDATE = 16;

    public static final int END_STREAM = 1;
    public static final int ACK = 1;
    public static final int END_HEADERS = 4;

    /** The bytes with which a client's connection begins. */
    public static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private static final int HEAD_BYTES = 9;
    private static final String[] NAMES = {
        "DATA",
        "HEADERS",
        "PRIORITY",
        "RST_STREAM",
        "SETTINGS",
        "PUSH_PROMISE",
        "PING",
        "GOAWAY",
        "WINDOW_UPDATE",
        "CONTINUATION"
    };

    /** A frame. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Frame(int type, int flags, int streamId, byte[] payload) {
        public boolean has(int flag) {
            return (flags & flag) != 0;
        }

        /** The number at this place of the payload. */
        public int word(int at) {
            return ByteBuffer.wrap(payload).getInt(at);
        }

        @Override
        public String toString() {
            String name = type < NAMES.length ? NAMES[type] : "type " + type;
            return name + " stream " + streamId + " flags " + flags + ", " + payload.length + " bytes";
        }
    }

    /** The parts of the answer to a request that have come. */
    public static final class Answer {
        private final List<Headers> interims = new ArrayList<>();
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private @Nullable Headers head;
        private @Nullable Headers trailers;
        private boolean ended;
        private int resetCode = -1;
        private int dataFrames;

        private Answer() {}

        /** The heads of interim responses, with their {@code :status}. */
        public List<Headers> interims() {
            return interims;
        }

        /** The fields of the final response, with its {@code :status}. */
        public Headers head() {
            if (head == null) {
                throw new IllegalStateException("No head has come; reset with " + resetCode);
            }
            return head;
        }

        public boolean hasHead() {
            return head != null;
        }

        public int status() {
            return Integer.parseInt(String.valueOf(head().first(":status")));
        }

        public @Nullable String field(String name) {
            return head().first(name);
        }

        public byte[] body() {
            return body.toByteArray();
        }

        public String text() {
            return body.toString(StandardCharsets.UTF_8);
        }

        public int dataFrames() {
            return dataFrames;
        }

        /** Null if there are none. */
        public @Nullable Headers trailers() {
            return trailers;
        }

        /** Whether the server has ended its side. */
        public boolean isEnded() {
            return ended;
        }

        /** The code of RST_STREAM; -1 if the stream was not reset. */
        public int resetCode() {
            return resetCode;
        }
    }

    private final RawClient client;
    private final FieldBlocks hpack = new FieldBlocks();
    private final Map<Integer, Answer> answers = new LinkedHashMap<>();
    private final List<Frame> controls = new ArrayList<>();
    private final ByteArrayOutputStream block = new ByteArrayOutputStream();
    private boolean credits = true;
    private int nextId = 1;

    private RawHttp2(RawClient client) {
        this.client = client;
    }

    /** Connects, sends the preface with these settings (ids and values in turn), and reads and acknowledges the server's. */
    public static RawHttp2 connect(HttpServer server, int... settings) throws IOException {
        return new RawHttp2(open(server)).greet(settings);
    }

    /** Sends the preface with these settings (ids and values in turn), and reads and acknowledges the server's. */
    public RawHttp2 greet(int... settings) throws IOException {
        client.send(PREFACE);
        settings(settings);
        awaitControl(SETTINGS);
        return send(SETTINGS, ACK, 0);
    }

    /** Connects by ALPN if the server speaks TLS, otherwise with prior knowledge. */
    private static RawClient open(HttpServer server) throws IOException {
        RawClient client = RawClient.connectInPlainText(server);
        if (server.options().tls() == null) {
            return client;
        }
        SSLEngine engine = TestCertificate.trusting(TestCertificate.localhost()).createSSLEngine("localhost", 0);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        engine.setSSLParameters(parameters);
        client.secure(engine);
        if (!engine.getApplicationProtocol().equals("h2")) {
            throw new IOException("ALPN has chosen " + engine.getApplicationProtocol());
        }
        return client;
    }

    /** As {@link #connect}, over an existing connection on which nothing has been sent. */
    public static RawHttp2 over(RawClient client) {
        return new RawHttp2(client);
    }

    /** Leaves it to the test to give the server credit for what it sends. */
    public RawHttp2 withoutCredit() {
        credits = false;
        return this;
    }

    public RawHttp2 patience(Duration patience) {
        client.patience(patience);
        return this;
    }

    public RawClient raw() {
        return client;
    }

    // ---- sending

    /** A frame's bytes. */
    public static byte[] frame(int type, int flags, int streamId, byte... payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {
            (byte) (payload.length >>> 16),
            (byte) (payload.length >>> 8),
            (byte) payload.length,
            (byte) type,
            (byte) flags
        });
        out.writeBytes(word(streamId));
        out.writeBytes(payload);
        return out.toByteArray();
    }

    /** A number as four bytes. */
    public static byte[] word(int number) {
        return new byte[] {(byte) (number >>> 24), (byte) (number >>> 16), (byte) (number >>> 8), (byte) number};
    }

    public RawHttp2 send(int type, int flags, int streamId, byte... payload) throws IOException {
        client.send(frame(type, flags, streamId, payload));
        return this;
    }

    /** Sends several frames in one write. */
    public RawHttp2 send(List<byte[]> frames) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        frames.forEach(all::writeBytes);
        client.send(all.toByteArray());
        return this;
    }

    public RawHttp2 settings(int... settings) throws IOException {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (int i = 0; i < settings.length; i += 2) {
            payload.writeBytes(new byte[] {(byte) (settings[i] >>> 8), (byte) settings[i]});
            payload.writeBytes(word(settings[i + 1]));
        }
        return send(SETTINGS, 0, 0, payload.toByteArray());
    }

    /** Encodes names and values in turn as a field block: literals without indexing, in plain text. */
    public static byte[] block(String... fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < fields.length; i++) {
            if (i % 2 == 0) {
                out.write(0); // a literal without indexing, including its name
            }
            string(out, fields[i].getBytes(StandardCharsets.ISO_8859_1));
        }
        return out.toByteArray();
    }

    private static void string(ByteArrayOutputStream out, byte[] bytes) {
        if (bytes.length < 127) {
            out.write(bytes.length);
        } else {
            out.write(127);
            int rest = bytes.length - 127;
            while (rest >= 128) {
                out.write((rest & 127) | 128);
                rest >>>= 7;
            }
            out.write(rest);
        }
        out.writeBytes(bytes);
    }

    /** The fields of a request, and others: names and values in turn. */
    public static byte[] request(String method, String path, String... fields) {
        List<String> all = new ArrayList<>(
                List.of(":method", method, ":scheme", "http", ":authority", "localhost", ":path", path));
        all.addAll(List.of(fields));
        return block(all.toArray(new String[0]));
    }

    /** Sends a request without a body; returns the number of its stream. */
    public int get(String path, String... fields) throws IOException {
        return open(true, request("GET", path, fields));
    }

    /** Sends a request with a body, in one DATA frame. */
    public int post(String path, String body, String... fields) throws IOException {
        int id = open(false, request("POST", path, fields));
        send(DATA, END_STREAM, id, body.getBytes(StandardCharsets.UTF_8));
        return id;
    }

    /** Opens the next stream with a field block. */
    public int open(boolean ends, byte[] fieldBlock) throws IOException {
        int id = nextId;
        nextId += 2;
        answers.put(id, new Answer());
        send(HEADERS, END_HEADERS | (ends ? END_STREAM : 0), id, fieldBlock);
        return id;
    }

    /** The number of the next stream that {@link #open} opens. */
    public int nextId() {
        return nextId;
    }

    public RawHttp2 data(int id, boolean ends, byte... content) throws IOException {
        return send(DATA, ends ? END_STREAM : 0, id, content);
    }

    public RawHttp2 windowUpdate(int id, int increment) throws IOException {
        return send(WINDOW_UPDATE, 0, id, word(increment));
    }

    public RawHttp2 reset(int id, int code) throws IOException {
        return send(RST_STREAM, 0, id, word(code));
    }

    // ---- receiving

    /** Reads the next frame, and takes note of it; null at the end of the connection. */
    public @Nullable Frame read() throws IOException {
        byte[] head = client.readBytes(HEAD_BYTES);
        if (head.length < HEAD_BYTES) {
            return null;
        }
        int length = ByteBuffer.wrap(head).getInt() >>> 8;
        Frame bare = new Frame(head[3], head[4], 0, head);
        byte[] payload = length == 0 ? new byte[0] : client.readBytes(length);
        if (payload.length < length) {
            return null;
        }
        Frame frame = new Frame(head[3], head[4], bare.word(5), payload);
        note(frame);
        return frame;
    }

    private void note(Frame frame) throws IOException {
        Answer answer = answers.computeIfAbsent(frame.streamId, id -> new Answer());
        switch (frame.type) {
            case DATA -> {
                answer.body.writeBytes(frame.payload);
                answer.dataFrames++;
                answer.ended |= frame.has(END_STREAM);
                if (credits && frame.payload.length > 0) {
                    windowUpdate(0, frame.payload.length);
                    if (!answer.ended) {
                        windowUpdate(frame.streamId, frame.payload.length);
                    }
                }
            }
            case HEADERS, CONTINUATION -> {
                block.writeBytes(frame.payload);
                if (frame.type == HEADERS) {
                    answer.ended |= frame.has(END_STREAM);
                }
                if (frame.has(END_HEADERS)) {
                    note(answer, hpack.decode(block.toByteArray()));
                    block.reset();
                }
            }
            case RST_STREAM -> answer.resetCode = frame.word(0);
            default -> controls.add(frame);
        }
    }

    private static void note(Answer answer, Headers fields) {
        String status = fields.first(":status");
        if (status == null) {
            answer.trailers = fields;
        } else if (status.startsWith("1")) {
            answer.interims.add(fields);
        } else {
            answer.head = fields;
        }
    }

    /** The parts of the answer that have come on this stream so far. */
    public Answer answer(int id) {
        return answers.computeIfAbsent(id, unknown -> new Answer());
    }

    /** Reads until the stream has ended, or was reset. */
    public Answer await(int id) throws IOException {
        Answer answer = answer(id);
        while (!answer.ended && answer.resetCode < 0) {
            if (read() == null) {
                throw new IOException("The connection has ended before stream " + id + "; " + controls);
            }
        }
        return answer;
    }

    /** Reads until the stream was reset; returns the code. */
    public int awaitReset(int id) throws IOException {
        Answer answer = answer(id);
        while (answer.resetCode < 0) {
            if (read() == null) {
                throw new IOException("The connection has ended before the reset of stream " + id + "; " + controls);
            }
        }
        return answer.resetCode;
    }

    /** Reads until at least this much of the stream's content has come. */
    public Answer awaitContent(int id, int bytes) throws IOException {
        Answer answer = answer(id);
        while (answer.body.size() < bytes) {
            if (read() == null) {
                throw new IOException("The connection has ended before stream " + id + "; " + controls);
            }
        }
        return answer;
    }

    /** Reads until the head of the answer has come. */
    public Answer awaitHead(int id) throws IOException {
        Answer answer = answer(id);
        while (answer.head == null && answer.resetCode < 0) {
            if (read() == null) {
                throw new IOException("The connection has ended before the head of stream " + id + "; " + controls);
            }
        }
        return answer;
    }

    /** Returns the next frame of the connection of this type that no call has returned before; reads until it comes. */
    public Frame awaitControl(int type) throws IOException {
        while (true) {
            for (Frame frame : controls) {
                if (frame.type == type) {
                    controls.remove(frame);
                    return frame;
                }
            }
            if (read() == null) {
                throw new IOException("The connection has ended before a frame of type " + type);
            }
        }
    }

    /** Reads until the server says GOAWAY; returns its code. */
    public int awaitGoAway() throws IOException {
        return awaitControl(GOAWAY).word(4);
    }

    /** Sends a PING and waits for its answer: by then the server has read everything sent before. */
    public RawHttp2 roundTrip() throws IOException {
        send(PING, 0, 0, "roundtri".getBytes(StandardCharsets.US_ASCII));
        while (!awaitControl(PING).has(ACK)) {
            // It was the server's own.
        }
        return this;
    }

    /** Reads until the connection ends; returns how. */
    public RawClient.End awaitEnd() throws IOException {
        while (true) {
            if (read() == null) {
                return client.awaitEnd();
            }
        }
    }

    /** Frames of the connection that have come and that no call has returned. */
    public List<Frame> controls() {
        return controls;
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
