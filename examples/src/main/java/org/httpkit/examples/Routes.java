package org.httpkit.examples;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.httpkit.http.Method;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** Chooses a handler by path and method, since a handler that asks others is all a router is. */
final class Routes implements Handler {
    private static final Handler NOTHING = request -> null;

    private final Map<String, Map<Method, Handler>> byPath = new LinkedHashMap<>();
    private Handler otherwise = NOTHING;

    /** A path such as "/files/*" stands for all files of that folder. */
    Routes get(String path, Handler handler) {
        return on(Method.GET, path, handler).on(Method.HEAD, path, handler);
    }

    Routes post(String path, Handler handler) {
        return on(Method.POST, path, handler);
    }

    /** What answers where there is no such path; if nothing does, 404. */
    Routes otherwise(Handler handler) {
        otherwise = handler;
        return this;
    }

    private Routes on(Method method, String path, Handler handler) {
        byPath.computeIfAbsent(path, any -> new LinkedHashMap<>()).put(method, handler);
        return this;
    }

    @Override
    public @Nullable Response handle(Request request) throws Exception {
        Map<Method, Handler> byMethod = find(request.path());
        Handler handler = byMethod.get(request.method());
        if (handler != null || byMethod.isEmpty()) {
            return (handler == null ? otherwise : handler).handle(request);
        }
        TreeSet<String> allowed = new TreeSet<>();
        byMethod.keySet().forEach(method -> allowed.add(method.name()));
        return Response.of(405).header("Allow", String.join(", ", allowed));
    }

    @Override
    public boolean streamsBody(Request request) {
        Handler handler = find(request.path()).get(request.method());
        return (handler == null ? otherwise : handler).streamsBody(request);
    }

    private Map<Method, Handler> find(String path) {
        Map<Method, Handler> exact = byPath.get(path);
        return exact != null
                ? exact
                : byPath.getOrDefault(path.substring(0, path.lastIndexOf('/') + 1) + "*", Map.of());
    }
}
