package org.httpkit.jdkhttpserver;

import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the context of a path: the one with the longest path with which it begins, whether or not a segment ends there.
 * Safe from any thread.
 */
final class Contexts {
    private final HttpServer server;
    /** The contexts, the longest path first. Replaced as a whole. */
    private volatile Context[] longestFirst = {};

    Contexts(HttpServer server) {
        this.server = server;
    }

    /** Returns the context of a percent-decoded path; null if there is none. */
    @Nullable
    Context of(String path) {
        for (Context context : longestFirst) {
            if (path.startsWith(context.getPath())) {
                return context;
            }
        }
        return null;
    }

    HttpContext add(String path, HttpHandler handler) {
        Objects.requireNonNull(handler, "handler");
        Context context = new Context(server, path);
        context.setHandler(handler);
        return add(context);
    }

    HttpContext add(String path) {
        return add(new Context(server, path));
    }

    private synchronized Context add(Context added) {
        for (Context context : longestFirst) {
            if (context.getPath().equals(added.getPath())) {
                throw new IllegalArgumentException("There is a context for " + added.getPath() + " already");
            }
        }
        longestFirst = Stream.concat(Arrays.stream(longestFirst), Stream.of(added))
                .sorted(Comparator.comparingInt(
                        (Context context) -> -context.getPath().length()))
                .toArray(Context[]::new);
        return added;
    }

    synchronized void remove(String path) {
        Objects.requireNonNull(path, "path");
        for (Context context : longestFirst) {
            if (context.getPath().equals(path)) {
                without(context);
                return;
            }
        }
        throw new IllegalArgumentException("There is no context for " + path);
    }

    synchronized void remove(HttpContext removed) {
        Objects.requireNonNull(removed, "context");
        if (!Arrays.asList(longestFirst).contains(removed)) {
            throw new IllegalArgumentException("The context is none of this server's");
        }
        without(removed);
    }

    private void without(HttpContext removed) {
        longestFirst = Arrays.stream(longestFirst)
                .filter(context -> context != removed)
                .toArray(Context[]::new);
    }
}
