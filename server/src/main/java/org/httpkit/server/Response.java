package org.httpkit.server;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.httpkit.http.Headers;
import org.httpkit.http.Method;
import org.httpkit.http.Status;
import org.jspecify.annotations.Nullable;

/**
 * A response: status, header fields, body. Immutable; handlers may keep one and return it for many requests, unless
 * its body is a stream.
 *
 * <p>The server decides {@code Content-Length}, {@code Transfer-Encoding} and {@code Connection}, whatever the fields
 * say. It adds {@code Date} and {@code Server} unless the response has them.
 */
public final class Response {
    private static final Headers TEXT = Headers.of("Content-Type", "text/plain; charset=utf-8");
    private static final Headers HTML = Headers.of("Content-Type", "text/html; charset=utf-8");
    private static final Headers JSON = Headers.of("Content-Type", "application/json");
    private static final Headers BINARY = Headers.of("Content-Type", "application/octet-stream");

    /** Who looks at the conditions of a request. */
    private enum Conditions {
        /** The server, of those for GET and HEAD. */
        OF_READS,
        /** The server, whatever the method. */
        OF_ALL,
        /** The application. */
        OF_NONE
    }

    private final Status status;
    private final Headers headers;
    private final ResponseBody body;
    private final Conditions conditions;
    private final @Nullable Supplier<Headers> trailers;

    private Response(Status status, Headers headers, ResponseBody body) {
        this(status, headers, body, Conditions.OF_READS, null);
    }

    private Response(
            Status status,
            Headers headers,
            ResponseBody body,
            Conditions conditions,
            @Nullable Supplier<Headers> trailers) {
        this.status = status;
        this.headers = Objects.requireNonNull(headers, "headers");
        this.body = Objects.requireNonNull(body, "body");
        this.conditions = conditions;
        this.trailers = trailers;
    }

    /**
     * An empty response with this status.
     *
     * @param status 200 to 599; {@link Request#sendEarlyHints} sends interim responses
     * @throws IllegalArgumentException if the status is out of range
     */
    public static Response of(int status) {
        return of(Status.of(status));
    }

    /** An empty response with this status; see {@link #of(int)}. */
    public static Response of(Status status) {
        return new Response(requireFinal(status), Headers.empty(), ResponseBody.Empty.EMPTY);
    }

    /** 200 with plain text. */
    public static Response text(String text) {
        return new Response(Status.OK, TEXT, new ResponseBody.Text(text));
    }

    /** 200 with an HTML page. */
    public static Response html(String html) {
        return new Response(Status.OK, HTML, new ResponseBody.Text(html));
    }

    /** 200 with JSON text. */
    public static Response json(String json) {
        return new Response(Status.OK, JSON, new ResponseBody.Text(json));
    }

    /** 200 with these bytes. The array is not copied. */
    public static Response bytes(byte[] bytes) {
        return new Response(Status.OK, BINARY, new ResponseBody.Bytes(bytes));
    }

    /** 200 with the remaining bytes of the buffer. The buffer is neither copied nor consumed. */
    public static Response bytes(ByteBuffer bytes) {
        return new Response(Status.OK, BINARY, new ResponseBody.Buffer(bytes));
    }

    /**
     * 200 with a file. {@code Content-Type} depends on the name's extension; it is {@code application/octet-stream}
     * for an unknown one. A missing file, or one that is not a regular file, gets 404. A file that cannot be opened
     * gets 500, and the server calls {@link ServerObserver#handlerFailed}. The file may have any size; above 8 KiB it
     * does not pass through the heap over plain HTTP/1.1. The server reads a shorter file to its end, because the
     * system reports wrong lengths for files below {@code /proc} and {@code /sys}.
     *
     * <p>With status 200 the server adds {@code Last-Modified}, a strong {@code ETag} and {@code Accept-Ranges},
     * unless the handler sets them, and evaluates the conditions and ranges of the request: see {@link #conditional}.
     * The tag consists of the time of the last change, as finely as the file system records it, the length, and a
     * hash of device and inode, or in a zip file of the checksum. Two changes that keep the length therefore need a
     * tick of the file system's clock between them, usually a few milliseconds, and copies of a file on two machines have different tags. The server
     * adds none of these fields to a file whose length the system misreports, or which changes while the server opens
     * it. The server sends the file that it opened, even if the name is removed or reused. If the file is truncated
     * before all of it was sent, the connection closes.
     */
    public static Response file(Path path) {
        return new Response(
                Status.OK, ContentTypes.headersFor(Objects.requireNonNull(path, "path")), new ResponseBody.File(path));
    }

    /**
     * 200 with a stream of unknown length. The server reads it as fast as the client takes it, and always closes it.
     */
    public static Response stream(InputStream stream) {
        return new Response(Status.OK, BINARY, new ResponseBody.Stream(stream, -1));
    }

    /**
     * 200 with exactly {@code length} bytes of a stream. If the stream ends earlier, the connection closes, so that
     * the client notices.
     *
     * @throws IllegalArgumentException if the length is negative
     */
    public static Response stream(InputStream stream, long length) {
        if (length < 0) {
            throw new IllegalArgumentException("length is " + length + "; it must be 0 or more");
        }
        return new Response(Status.OK, BINARY, new ResponseBody.Stream(stream, length));
    }

    /** 200 with the output of a writer, sent as it writes. */
    public static Response stream(BodyWriter writer) {
        return new Response(Status.OK, BINARY, new ResponseBody.Written(writer));
    }

    /** 200 with pieces, sent one by one. Pieces other than bytes are sent as text; see {@link ResponseBody.Pieces}. */
    public static Response pieces(Iterable<?> pieces) {
        return new Response(Status.OK, TEXT, new ResponseBody.Pieces(pieces));
    }

    /** 303: the client fetches another location with GET. */
    public static Response seeOther(String location) {
        return of(Status.SEE_OTHER).header("Location", location);
    }

    /**
     * The response that the stage will deliver; no thread waits for it. Null counts as 404, an exceptional end as
     * 500. The stage may deliver another response of this kind.
     */
    public static Response later(CompletionStage<? extends @Nullable Response> response) {
        return new Response(Status.OK, Headers.empty(), new ResponseBody.Later(response));
    }

    /** For {@link Request#asChannel}: the channel answers. */
    public static Response channel(AsyncChannel channel) {
        return new Response(Status.OK, Headers.empty(), new ResponseBody.Channel(channel));
    }

    /** This response with another status; {@link #of(int)} says which are legal. */
    public Response status(int status) {
        return new Response(requireFinal(Status.of(status)), headers, body, conditions, trailers);
    }

    /**
     * This response with a field that replaces all fields of that name. Use {@link #addHeader} to repeat a name.
     *
     * @throws IllegalArgumentException if the name is not a token or the value contains a control character
     */
    public Response header(String name, String value) {
        return new Response(status, headers.with(name, value), body, conditions, trailers);
    }

    /**
     * This response with one more field, next to others of that name: for {@code Set-Cookie} and the like.
     *
     * @throws IllegalArgumentException if the name is not a token or the value contains a control character
     */
    public Response addHeader(String name, String value) {
        return new Response(status, headers.plus(name, value), body, conditions, trailers);
    }

    /**
     * This response with one more {@code Set-Cookie} field.
     *
     * @throws IllegalStateException if browsers would reject the cookie: see {@link Cookie#field}
     */
    public Response cookie(Cookie cookie) {
        return addHeader("Set-Cookie", Objects.requireNonNull(cookie, "cookie").field());
    }

    /** This response with exactly these fields. It keeps its {@code Content-Type} if they contain none. */
    public Response headers(Headers headers) {
        Objects.requireNonNull(headers, "headers");
        String type = headers.contains("Content-Type") ? null : this.headers.first("Content-Type");
        Headers kept = type == null ? headers : headers.plus("Content-Type", type);
        return new Response(status, kept, body, conditions, trailers);
    }

    /** This response with another body. */
    public Response body(ResponseBody body) {
        return new Response(status, headers, body, conditions, trailers);
    }

    /**
     * Whether the server evaluates the conditions and ranges of the request (RFC 9110 sections 13 and 14) before it
     * sends this response.
     *
     * <p>By default it does so for GET and HEAD if the status is 200 and the fields include an {@code ETag} or {@code
     * Last-Modified}, as those of {@link #file} always do. The client then gets 304 or 412 without the content, 206
     * with the ranges that it asked for, or 416. With true, the server also evaluates the conditions of other methods
     * if the status is 200 to 299, and answers 412 if they are false; QUERY reads and may get 304. The handler has
     * run by then, and 412 undoes nothing: use this for handlers that only read. With false, the server sends the
     * response unchanged, for an application that evaluates conditions itself.
     */
    public Response conditional(boolean conditional) {
        return new Response(status, headers, body, conditional ? Conditions.OF_ALL : Conditions.OF_NONE, trailers);
    }

    /** Whether the server evaluates the conditions of a request with this method: see {@link #conditional(boolean)}. */
    public boolean isConditional(Method method) {
        return switch (conditions) {
            case OF_READS -> status.code() == 200 && (method.equals(Method.GET) || method.equals(Method.HEAD));
            case OF_ALL -> status.code() / 100 == 2;
            case OF_NONE -> false;
        };
    }

    /**
     * This response with trailer fields after its body (RFC 9110 section 6.5).
     *
     * <p>The server sends them over HTTP/2, and over HTTP/1.1, where it then sends the body in chunks. It does not
     * send them over HTTP/1.0, in responses without content such as those to HEAD, or with a part of the content
     * (206). It leaves out fields that belong to it, such as {@code Content-Length}. A client may discard them. A
     * response that begins on a channel sends them when it ends.
     */
    public Response trailers(Headers trailers) {
        Objects.requireNonNull(trailers, "trailers");
        return trailers(() -> trailers);
    }

    /**
     * This response with trailer fields that are known only when the body is complete. The thread that completes the
     * body calls the supplier. If the supplier throws, the client sees an incomplete response.
     */
    public Response trailers(Supplier<Headers> trailers) {
        return new Response(status, headers, body, conditions, Objects.requireNonNull(trailers, "trailers"));
    }

    public Status status() {
        return status;
    }

    public Headers headers() {
        return headers;
    }

    public ResponseBody body() {
        return body;
    }

    /** Supplies the trailer fields when the body is complete; null if there are none. */
    public @Nullable Supplier<Headers> trailers() {
        return trailers;
    }

    @Override
    public String toString() {
        return status + " " + headers + " " + body;
    }

    private static Status requireFinal(Status status) {
        if (status.code() < 200) {
            throw new IllegalArgumentException("Status " + status.code() + " is not final; 200 to 599 are");
        }
        return status;
    }
}
