package org.httpkit.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import org.httpkit.http.Method;
import org.httpkit.http.Status;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** The routes that conformance suites, attacks and measurements talk to; each does as little as it can. */
final class ProbeHandler implements Handler {
    private static final int MOST_BYTES = 64 << 20;
    private static final int MOST_MEGABYTES = 1024;
    private static final int MOST_MILLIS = 60_000;

    private static final Response ROOT = Response.text("The probe\n");
    private static final Response PLAINTEXT =
            Response.bytes("Hello, World!".getBytes(US_ASCII)).header("Content-Type", "text/plain");
    private static final Response JSON = Response.json("{\"message\":\"Hello, World!\"}");
    private static final Response SLEPT = Response.text("slept\n");

    private static final String READ = "GET, HEAD, OPTIONS";
    private static final String WRITE = "POST, OPTIONS";
    private static final Set<String> READ_PATHS =
            Set.of("/", "/plaintext", "/json", "/big", "/slow", "/status", "/ws", "/bcast");

    private static final byte[] BLOCK = filled(64 << 10);

    // /bytes/N sends the beginning of this buffer, which is as long as the longest N so far. It is direct, so that the
    // system takes the bytes from where they are. Two threads that race make one buffer too many.
    private volatile ByteBuffer longest = direct(BLOCK);

    private final Echo echo;
    private final Broadcast broadcast;

    /** @param options of its WebSockets */
    ProbeHandler(ChannelOptions options) {
        echo = new Echo(options);
        broadcast = new Broadcast(options);
    }

    @Override
    public @Nullable Response handle(Request request) throws IOException, InterruptedException {
        Method method = request.method();
        String path = request.path();
        if (method.equals(Method.GET) || method.equals(Method.HEAD)) {
            return path.equals("/echo") ? notAllowed(WRITE) : get(path, request);
        }
        if (method.equals(Method.POST) && path.equals("/echo")) {
            return Response.bytes(request.body().bytes());
        }
        if (path.equals("*") && method.equals(Method.OPTIONS)) {
            return Response.of(204).header("Allow", "GET, HEAD, POST, OPTIONS");
        }
        if (!path.equals("/echo") && !isRead(path)) {
            return null;
        }
        String allowed = path.equals("/echo") ? WRITE : READ;
        return method.equals(Method.OPTIONS) ? Response.of(204).header("Allow", allowed) : notAllowed(allowed);
    }

    private static boolean isRead(String path) {
        return READ_PATHS.contains(path) || path.startsWith("/bytes/") || path.startsWith("/sleep/");
    }

    private @Nullable Response get(String path, Request request) throws InterruptedException {
        return switch (path) {
            case "/" -> ROOT;
            case "/plaintext" -> PLAINTEXT;
            case "/json" -> JSON;
            case "/big" -> big(number(request.queryParameter("mb")));
            case "/slow" -> sleep(number(request.queryParameter("ms")));
            case "/status" -> status(number(request.queryParameter("code")));
            case "/ws" -> echo.handle(request);
            case "/bcast" -> broadcast.handle(request);
            default -> {
                if (path.startsWith("/bytes/")) {
                    yield bytes(number(path.substring("/bytes/".length())));
                }
                if (path.startsWith("/sleep/")) {
                    yield sleep(number(path.substring("/sleep/".length())));
                }
                yield null;
            }
        };
    }

    private Response bytes(int length) {
        if (length < 0 || length > MOST_BYTES) {
            return badRequest("/bytes/N wants an N from 0 to " + MOST_BYTES);
        }
        ByteBuffer bytes = longest;
        if (bytes.capacity() < length) {
            bytes = direct(filled(length));
            longest = bytes;
        }
        return Response.bytes(bytes.duplicate().limit(length));
    }

    /** The server pulls pieces as the client takes them, so no thread waits for a slow client. */
    private static Response big(int megabytes) {
        if (megabytes < 0 || megabytes > MOST_MEGABYTES) {
            return badRequest("/big?mb=N wants an N from 0 to " + MOST_MEGABYTES);
        }
        int blocks = megabytes * ((1 << 20) / BLOCK.length);
        return Response.pieces(Collections.nCopies(blocks, BLOCK)).header("Content-Type", "application/octet-stream");
    }

    private static Response sleep(int millis) throws InterruptedException {
        Thread.sleep(Math.min(Math.max(millis, 0), MOST_MILLIS));
        return SLEPT;
    }

    private static Response status(int code) {
        return code < 200 || code > 599 ? badRequest("/status?code=N wants an N from 200 to 599") : Response.of(code);
    }

    /** The number, or -1 if the text is not a number of one to nine digits. */
    private static int number(@Nullable String digits) {
        if (digits == null || digits.isEmpty() || digits.length() > 9) {
            return -1;
        }
        int number = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    private static Response badRequest(String why) {
        return Response.text(why + "\n").status(Status.BAD_REQUEST.code());
    }

    private static Response notAllowed(String allowed) {
        return Response.of(Status.METHOD_NOT_ALLOWED).header("Allow", allowed);
    }

    private static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    private static byte[] filled(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 'x');
        return bytes;
    }
}
