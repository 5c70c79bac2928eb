package org.httpkit.jdkhttpserver;

import com.sun.net.httpserver.Authenticator;
import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** Gives each request to its context: the filters, the authenticator, the handler. Safe from any thread. */
final class ContextHandler implements Handler {
    /** The server for which this thread calls a handler; null outside of a call. */
    private static final ThreadLocal<@Nullable ServerLife> CALLED_FOR = new ThreadLocal<>();

    private static final int UNAUTHORIZED = 401;

    private final ServerLife life;

    ContextHandler(ServerLife life) {
        this.life = life;
    }

    /** Whether the calling thread runs a handler of that server. */
    static boolean isCalledFor(ServerLife life) {
        return CALLED_FOR.get() == life;
    }

    /** Always true: handlers for the JDK's API read the body as it comes. */
    @Override
    public boolean streamsBody(Request request) {
        return true;
    }

    @Override
    public boolean answersHeadByGet() {
        return false;
    }

    @Override
    public @Nullable Response handle(Request request) throws IOException {
        URI uri;
        try {
            uri = new URI(request.target());
        } catch (URISyntaxException e) {
            return Response.text("The request target is no URI").status(400);
        }
        Context context = uri.getPath() == null ? null : life.contexts().of(uri.getPath());
        if (context == null) {
            return Response.text("There is no context for this path").status(404);
        }
        HttpHandler handler = context.getHandler();
        if (handler == null) {
            return Response.text("The context of this path has no handler").status(500);
        }
        OpenExchange exchange = new OpenExchange(request, uri, context);
        CALLED_FOR.set(life);
        try {
            call(context, handler, exchange);
        } catch (Throwable e) {
            exchange.leaveUnanswered();
            throw e;
        } finally {
            CALLED_FOR.remove();
        }
        return exchange.handlerReturned();
    }

    private static void call(Context context, HttpHandler handler, OpenExchange exchange) throws IOException {
        HttpExchange view = exchange.view();
        Authenticator authenticator = context.getAuthenticator();
        HttpHandler last =
                authenticator == null ? handler : filtered -> authenticate(authenticator, filtered, exchange, handler);
        if (context.getFilters().isEmpty()) {
            last.handle(view);
        } else {
            new Filter.Chain(context.getFilters(), last).doFilter(view);
        }
    }

    /**
     * Calls the authenticator; as in the JDK, filters have run before.
     *
     * @param filtered the exchange as the filters have wrapped it
     */
    private static void authenticate(
            Authenticator authenticator, HttpExchange filtered, OpenExchange exchange, HttpHandler handler)
            throws IOException {
        Authenticator.Result result = authenticator.authenticate(filtered);
        if (result instanceof Authenticator.Success success) {
            exchange.principal(success.getPrincipal());
            handler.handle(filtered);
        } else if (result instanceof Authenticator.Retry retry) {
            filtered.sendResponseHeaders(retry.getResponseCode(), -1);
        } else if (result instanceof Authenticator.Failure failure) {
            filtered.sendResponseHeaders(failure.getResponseCode(), -1);
        } else {
            filtered.sendResponseHeaders(UNAUTHORIZED, -1);
        }
    }

    @Override
    public String toString() {
        return "contexts of " + life;
    }
}
