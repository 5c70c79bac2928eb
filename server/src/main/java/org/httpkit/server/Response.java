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
 * A response: status, header fields, body. Immutable; one may be kept and returned for many requests, unless its body is a
 * stream.
 *
 * <p>{@code Content-Length}, {@code Transfer-Encoding} and {@code Connection} are the server's to decide, whatever the fields
 * say; {@code Date} and {@code Server} are added unless they are given.
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
     * An empty response of that status.
     *
     * @param status 200 to 599; interim ones are sent by {@link Request#sendEarlyHints}
     * @throws IllegalArgumentException if the status is out of range
     */
    public static Response of(int status) {
        return of(Status.of(status));
    }

    /** An empty response of that status; see {@link #of(int)}. */
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

    /** 200 with JSON that the caller has written. */
    public static Response json(String json) {
        return new Response(Status.OK, JSON, new ResponseBody.Text(json));
    }

    /** 200 with these bytes; the array is not copied. */
    public static Response bytes(byte[] bytes) {
        return new Response(Status.OK, BINARY, new ResponseBody.Bytes(bytes));
    }

    /** 200 with what remains of the buffer; it is neither copied nor consumed. */
    public static Response bytes(ByteBuffer bytes) {
        return new Response(Status.OK, BINARY, new ResponseBody.Buffer(bytes));
    }

    /**
     * 200 with a file; {@code Content-Type} by the name's extension, {@code application/octet-stream} if that is not known. A
     * file that is missing, or is none, is answered with 404; one that cannot be opened with 500, and {@link
     * ServerObserver#handlerFailed} is called. Above 8 KiB it never passes through the heap, and it may be of any size. A shorter one is
     * read to its end, whatever the system says of its length, as it does wrongly below {@code /proc} and {@code /sys}.
     *
     * <p>With status 200 the server adds {@code Last-Modified}, a strong {@code ETag} and {@code Accept-Ranges}, unless the handler gives
     * them, and goes by the conditions and ranges of the request: see {@link #conditional}. The tag is made of the time of the last change
     * as finely as the file system tells it, the length, and a hash of what tells files apart there (device and inode). So two
     * changes that keep the length are told apart if the file system's clock ticks between them, which takes some milliseconds at most on
     * the usual ones; and copies of a file on two machines have two tags. Of a file whose length the system tells wrongly, or which
     * changes while it is opened, none of that is said. What is sent is the file that was opened, whatever becomes of its name; if that is
     * cut off before all of it was sent, the connection ends.
     */
    public static Response file(Path path) {
        return new Response(
                Status.OK, ContentTypes.headersFor(Objects.requireNonNull(path, "path")), new ResponseBody.File(path));
    }

    /** 200 with a stream of unknown length, read as the client takes it, and always closed. */
    public static Response stream(InputStream stream) {
        return new Response(Status.OK, BINARY, new ResponseBody.Stream(stream, -1));
    }

    /**
     * 200 with exactly {@code length} bytes of a stream. A stream that ends earlier closes the connection, so that the client
     * notices.
     */
    public static Response stream(InputStream stream, long length) {
        if (length < 0) {
            throw new IllegalArgumentException("length is " + length + "; it must be 0 or more");
        }
        return new Response(Status.OK, BINARY, new ResponseBody.Stream(stream, length));
    }

    /** 200 with what the writer writes, sent as it is written. */
    public static Response stream(BodyWriter writer) {
        return new Response(Status.OK, BINARY, new ResponseBody.Written(writer));
    }

    /** 200 with pieces sent one by one, as text if they are no bytes; see {@link ResponseBody.Pieces}. */
    public static Response pieces(Iterable<?> pieces) {
        return new Response(Status.OK, TEXT, new ResponseBody.Pieces(pieces));
    }

    /** 303: have the client fetch another place with GET. */
    public static Response seeOther(String location) {
        return of(Status.SEE_OTHER).header("Location", location);
    }

    /**
     * The response that the stage will bring; no thread waits for it. Null counts as 404, an exceptional end as 500. What the
     * stage brings may be another such promise.
     */
    public static Response later(CompletionStage<? extends @Nullable Response> response) {
        return new Response(Status.OK, Headers.empty(), new ResponseBody.Later(response));
    }

    /** For {@link Request#asChannel}: leaves the answer to the channel. */
    public static Response channel(AsyncChannel channel) {
        return new Response(Status.OK, Headers.empty(), new ResponseBody.Channel(channel));
    }

    /** This response with another status; see {@link #of(int)} for the range. */
    public Response status(int status) {
        return new Response(requireFinal(Status.of(status)), headers, body, conditions, trailers);
    }

    /**
     * This response with a field, instead of any of that name. Use {@link #headers(Headers)} to repeat a name.
     *
     * @throws IllegalArgumentException if the name is not a token or the value has a control character
     */
    public Response header(String name, String value) {
        return new Response(status, headers.with(name, value), body, conditions, trailers);
    }

    /**
     * This response with one more field, beside any of that name: for {@code Set-Cookie} and the like.
     *
     * @throws IllegalArgumentException if the name is not a token or the value has a control character
     */
    public Response addHeader(String name, String value) {
        return new Response(status, headers.plus(name, value), body, conditions, trailers);
    }

    /**
     * This response with a {@code Set-Cookie}, beside others.
     *
     * @throws IllegalStateException if browsers would drop the cookie: see {@link Cookie#field}
     */
    public Response cookie(Cookie cookie) {
        return addHeader("Set-Cookie", Objects.requireNonNull(cookie, "cookie").field());
    }

    /** This response with exactly these fields, and with its {@code Content-Type} if they name none. */
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
     * Whether the server looks at the conditions and ranges of the request (RFC 9110 sections 13 and 14) before it sends this response.
     *
     * <p>Unless this is called, it does for GET and HEAD if the status is 200 and the fields have an {@code ETag} or {@code
     * Last-Modified}, as those of {@link #file} always have: the client gets 304 or 412 without the content, 206 with the ranges that it
     * asks for, or 416. With true it looks at the conditions of other methods as well, if the status is 200 to 299, and answers 412 if
     * they do not hold; QUERY is a read and may get 304. The handler has run by then, so this undoes nothing: it is for handlers that
     * read. With false the response is sent as it is, which is for an application that has looked itself.
     */
    public Response conditional(boolean conditional) {
        return new Response(status, headers, body, conditional ? Conditions.OF_ALL : Conditions.OF_NONE, trailers);
    }

    /** Whether the server looks at the conditions of a request with that method: see {@link #conditional(boolean)}. */
    public boolean isConditional(Method method) {
        return switch (conditions) {
            case OF_READS -> status.code() == 200 && (method.equals(Method.GET) || method.equals(Method.HEAD));
            case OF_ALL -> status.code() / 100 == 2;
            case OF_NONE -> false;
        };
    }

    /**
     * This response with trailer fields behind its body (RFC 9110 section 6.5).
     *
     * <p>They are sent over HTTP/2, and over HTTP/1.1, which then has the body in chunks; HTTP/1.0 has none, nor have answers without
     * content, such as those to HEAD, nor has a part of one, with 206. A client may drop them. A response that begins on a channel has them as it ends.
     */
    public Response trailers(Headers trailers) {
        Objects.requireNonNull(trailers, "trailers");
        return trailers(() -> trailers);
    }

    /**
     * This response with trailer fields that are known only when the body is complete: they are asked for then, by the thread that has
     * made it. If that fails, the client notices that the response is not complete.
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

    /** What gives the trailer fields when the body is complete; null if there are none. */
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
