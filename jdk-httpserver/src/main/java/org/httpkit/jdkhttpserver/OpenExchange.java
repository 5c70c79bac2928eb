package org.httpkit.jdkhttpserver;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.httpkit.http.Method;
import org.httpkit.http.Status;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.UpgradedConnection;
import org.jspecify.annotations.Nullable;

/**
 * A request and its answer by the rules of {@link HttpExchange}. Like the JDK's exchange it belongs to one thread at a
 * time, which need not be the one that called the handler.
 */
final class OpenExchange {
    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int EARLY_HINTS = 103;
    private static final int FIRST_FINAL = 200;

    /** How long nothing may pass on a connection that has switched protocols; pings of most protocols come more often. */
    private static final Duration UPGRADED_IDLE = Duration.ofMinutes(5);

    private final Request request;
    private final URI uri;
    private final Context context;
    private final HttpExchange view;
    private final AskStream body;
    private final AnswerStream answer;
    private final CompletableFuture<Response> unanswered = new CompletableFuture<>();

    // The caller's.
    private @Nullable Headers requestHeaders;
    private @Nullable Headers responseHeaders;
    private @Nullable HttpPrincipal principal;
    private InputStream input;
    private OutputStream output;
    private boolean closed;

    // Written by the thread that answers, read by the one that called the handler.
    private volatile int responseCode = -1;

    OpenExchange(Request request, URI uri, Context context) {
        this.request = request;
        this.uri = uri;
        this.context = context;
        this.body = new AskStream(request.body().stream());
        this.answer = new AnswerStream(body);
        this.input = body;
        this.output = answer;
        this.view = request.tls() == null ? new PlainExchange(this) : new SecureExchange(this);
    }

    /** The application's view of it. */
    HttpExchange view() {
        return view;
    }

    /** Returns the response that the server's handler has to return. */
    @Nullable
    Response handlerReturned() {
        return responseCode < 0 ? Response.later(unanswered) : null;
    }

    void principal(HttpPrincipal known) {
        principal = known;
    }

    // ---- what the application asks

    Request request() {
        return request;
    }

    Context context() {
        return context;
    }

    URI uri() {
        return uri;
    }

    @Nullable
    HttpPrincipal principal() {
        return principal;
    }

    int responseCode() {
        return responseCode;
    }

    Headers requestHeaders() {
        Headers known = requestHeaders;
        if (known == null) {
            known = new RequestFields(request.headers());
            requestHeaders = known;
        }
        return known;
    }

    Headers responseHeaders() {
        Headers known = responseHeaders;
        if (known == null) {
            known = new Headers();
            responseHeaders = known;
        }
        return known;
    }

    String protocol() {
        return switch (request.version()) {
            case HTTP_1_0 -> "HTTP/1.0";
            case HTTP_1_1 -> "HTTP/1.1";
            case HTTP_2 -> "HTTP/2.0";
        };
    }

    static InetSocketAddress inet(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet : InetSocketAddress.createUnresolved("", 0);
    }

    @Nullable
    Object attribute(String name) {
        return context.getAttributes().get(Objects.requireNonNull(name, "name"));
    }

    void attribute(String name, @Nullable Object value) {
        context.getAttributes().put(Objects.requireNonNull(name, "name"), value);
    }

    // ---- the streams

    InputStream input() {
        return input;
    }

    OutputStream output() {
        return output;
    }

    void streams(@Nullable InputStream in, @Nullable OutputStream out) {
        if (in != null) {
            input = in;
        }
        if (out != null) {
            output = out;
        }
    }

    // ---- the answer

    /**
     * Begins the response.
     *
     * @param length without meaning for 101 and 103; above 0 the length of the body, 0 for an unknown length, below 0 for no body
     */
    void begin(int status, long length) throws IOException {
        if (status == EARLY_HINTS) {
            request.sendEarlyHints(ResponseFields.of(responseHeaders()));
            return;
        }
        if (responseCode >= 0) {
            throw new IOException("The response headers have been sent already, with status " + responseCode);
        }
        if (status == SWITCHING_PROTOCOLS) {
            switchProtocols();
            return;
        }
        if (status < FIRST_FINAL) {
            throw new IOException("Status " + status + " is not final; 101, 103 and 200 to 599 can be sent");
        }
        OutputStream begun;
        try {
            Response head = Response.of(status);
            if (responseHeaders != null) {
                head = head.headers(ResponseFields.of(responseHeaders));
            }
            begun = request.beginResponse(head, length > 0 ? length : length == 0 ? -1 : 0);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new IOException(e.getMessage(), e);
        }
        responseCode = status;
        answer.begin(begun, length == 0);
        if (length > 0) {
            responseHeaders().set("Content-length", Long.toString(length));
        } else if (length < 0) {
            answer.end();
        }
    }

    /** Switches to the protocol that the response header Upgrade names: the streams carry what follows. */
    private void switchProtocols() throws IOException {
        String protocol = responseHeaders().getFirst("Upgrade");
        if (protocol == null) {
            throw new IOException("Status 101 needs the response header Upgrade, which names the protocol");
        }
        UpgradedConnection upgraded;
        try {
            upgraded = request.switchProtocols(protocol, ResponseFields.of(responseHeaders()), UPGRADED_IDLE);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new IOException(e.getMessage(), e);
        }
        responseCode = SWITCHING_PROTOCOLS;
        body.continueWith(upgraded.input());
        answer.begin(upgraded.output(), false);
    }

    /**
     * Lets the failure that follows end the connection, or reset the stream in HTTP/2, as in the JDK's server: the
     * server cuts a response that has begun, and answers with 500 otherwise. HEAD gets the 500, since its response is
     * complete as soon as it begins.
     */
    void leaveUnanswered() {
        if (responseCode >= 0 || request.method().equals(Method.HEAD)) {
            return;
        }
        try {
            request.beginResponse(Response.of(Status.INTERNAL_SERVER_ERROR), -1);
        } catch (IOException | IllegalStateException ignored) {
            // The client has gone: no answer can reach it.
        }
    }

    /** Closes both streams. If the request has no answer by now, its connection closes. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        closeInput();
        try {
            if (responseCode < 0) {
                leaveUnanswered();
                unanswered.completeExceptionally(
                        new IOException("The exchange was closed before its response headers were sent"));
            } else {
                closeOutput();
            }
        } catch (IOException ignored) {
            // The response was cut, and the observer has the failure; or a stream of the application's failed.
        }
    }

    private void closeInput() {
        try (body) {
            input.close();
        } catch (IOException ignored) {
            // Nothing more of the request is needed, and the client must not wait for its answer.
        }
    }

    /** Ends the response, whatever a stream does that the application has put in front of it. */
    private void closeOutput() throws IOException {
        try {
            output.close();
        } finally {
            answer.close();
        }
    }

    @Override
    public String toString() {
        return request.toString();
    }
}
