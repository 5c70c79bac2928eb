package org.httpkit.tests;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import org.httpkit.http.Headers;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** A service of gRPC in little code: messages behind their lengths in the bodies, the status in the trailers. */
final class GrpcEcho implements Handler {
    private static final int PREFIX_BYTES = 5;
    private static final int NOT_FOUND = 5;
    private static final int UNIMPLEMENTED = 12;

    /** Calls that wait until their clients give them up, and have heard of that. */
    final CountDownLatch givenUp = new CountDownLatch(1);

    /** Opens when such a call waits. */
    final CountDownLatch waiting = new CountDownLatch(1);

    @Override
    public boolean streamsBody(Request request) {
        return true;
    }

    @Override
    public @Nullable Response handle(Request request) {
        InputStream in = request.body().stream();
        return switch (request.path()) {
            case "/Echo/Unary", "/Echo/Chat" -> answer(out -> echo(in, out));
            case "/Echo/Collect" -> answer(out -> write(out, collect(in)));
            case "/Echo/Expand" -> answer(out -> expand(in, out));
            case "/Echo/Wait" -> answer(out -> awaitEnd(in));
            case "/Echo/Missing" -> refusal(NOT_FOUND, "nothing here");
            default -> refusal(UNIMPLEMENTED, request.path());
        };
    }

    private interface Body {
        void writeTo(OutputStream out) throws IOException;
    }

    private static Response answer(Body body) {
        return Response.stream(out -> {
                    out.flush(); // the head leaves before the first message
                    body.writeTo(out);
                })
                .headers(Headers.of("content-type", "application/grpc"))
                .trailers(() -> Headers.of("grpc-status", "0"));
    }

    /** Trailers only: one HEADERS frame. */
    private static Response refusal(int status, String words) {
        return Response.of(200)
                .headers(Headers.of(
                        "content-type",
                        "application/grpc",
                        "grpc-status",
                        String.valueOf(status),
                        "grpc-message",
                        words));
    }

    private static void echo(InputStream in, OutputStream out) throws IOException {
        for (byte[] message = read(in); message != null; message = read(in)) {
            write(out, message);
        }
    }

    private static byte[] collect(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] message = read(in); message != null; message = read(in)) {
            all.writeBytes(message);
        }
        return all.toByteArray();
    }

    /** The first byte says how often the message comes back. */
    private static void expand(InputStream in, OutputStream out) throws IOException {
        byte[] message = read(in);
        for (int left = message == null ? 0 : message[0]; left > 0; left--) {
            write(out, message);
        }
    }

    private void awaitEnd(InputStream in) throws IOException {
        waiting.countDown();
        try {
            while (read(in) != null) {
                // Nothing that comes is of interest.
            }
        } catch (IOException e) {
            givenUp.countDown();
            throw e;
        }
    }

    private static byte @Nullable [] read(InputStream in) throws IOException {
        byte[] prefix = in.readNBytes(PREFIX_BYTES);
        if (prefix.length == 0) {
            return null;
        }
        if (prefix.length < PREFIX_BYTES || prefix[0] != 0) {
            throw new EOFException("Not the prefix of a message");
        }
        byte[] message = new byte[ByteBuffer.wrap(prefix).getInt(1)];
        new DataInputStream(in).readFully(message);
        return message;
    }

    private static void write(OutputStream out, byte[] message) throws IOException {
        out.write(ByteBuffer.allocate(PREFIX_BYTES + message.length)
                .put((byte) 0)
                .putInt(message.length)
                .put(message)
                .array());
        out.flush();
    }
}
