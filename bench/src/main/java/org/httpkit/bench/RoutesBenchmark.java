package org.httpkit.bench;

import io.javalin.config.JavalinConfig;
import io.javalin.config.RouterConfig;
import io.javalin.http.HandlerType;
import io.javalin.router.Endpoint;
import io.javalin.router.ParsedEndpoint;
import io.javalin.router.matcher.PathMatcher;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerRequestImpl;
import io.vertx.core.http.impl.HttpServerStream;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.Router;
import java.lang.reflect.Array;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.httpkit.http.Method;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.web.Params;
import org.httpkit.web.RequestWrapper;
import org.httpkit.web.Routes;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to find one of a hundred routes, beside Javalin and Vert.x Web: {@code java -jar
 * bench/target/httpkit-bench.jar RoutesBenchmark}. The paths match templates in the middle of the list, because
 * the others try their routes in order.
 *
 * <p>No figure includes a server: requests have a path and next to nothing else. What each one includes:
 *
 * <ul>
 *   <li>{@link #lookup}: our {@link Routes} find the handler and call it with a request that could decode the
 *       parameters; the handler does not ask for them.
 *   <li>{@link #httpkit}: the same, and the handler reads each parameter.
 *   <li>{@link #javalin}: Javalin's {@code PathMatcher} finds the entry, which extracts the parameters. Javalin does
 *       both for each request; its context and its tasks around the handler are left out.
 *   <li>{@link #vertx}: Vert.x Web has no lookup by itself, so its {@code Router} handles a request. That includes the
 *       {@code RoutingContext} that it makes; the handler reads each parameter.
 * </ul>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RoutesBenchmark {
    private static final String[] THINGS = {
        "accounts", "articles", "carts", "comments", "coupons",
        "customers", "devices", "events", "files", "invoices",
        "items", "messages", "users", "orders", "payments",
        "photos", "products", "projects", "reports", "reviews",
        "sessions", "shipments", "tags", "tasks", "teams"
    };

    /** A literal, one parameter, two parameters, a parameter with escapes, and a path without a route. */
    @Param({
        "/api/v1/users",
        "/api/v1/users/4711",
        "/api/v1/users/4711/notes/9",
        "/api/v1/users/J%C3%B6rg",
        "/api/v1/users/4711/photos"
    })
    public String path = "";

    private final Routes lookups = routes(false);
    private final Routes routes = routes(true);
    private final PathMatcher matcher = matcher();
    private final Vertx vertx = Vertx.vertx();
    private final Router router = router();

    private Request request = new OfPath("");
    private HttpServerRequest vertxRequest = new VertxOfPath("");

    /** What handlers leave, so that no compiler leaves out their work. */
    private @Nullable String id;

    private @Nullable String note;
    private int unmatched;

    /** A request of ours that has a path and nothing else. */
    private static final class OfPath extends RequestWrapper {
        private final String path;

        OfPath(String path) {
            super(nothing(Request.class));
            this.path = path;
        }

        @Override
        public Method method() {
            return Method.GET;
        }

        @Override
        public String path() {
            return path;
        }
    }

    /** A request of Vert.x that has a path, and what the router insists on. */
    private static final class VertxOfPath extends HttpServerRequestImpl {
        private final String path;
        private final HostAndPort authority = HostAndPort.create("localhost", 80);
        private final MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        private final MultiMap params = MultiMap.caseInsensitiveMultiMap();

        @SuppressWarnings("NullAway") // what is null here is for bodies and queries
        VertxOfPath(String path) {
            super(null, nothing(HttpServerStream.class), null, false, 0, 0, 0, null, null);
            this.path = path;
        }

        @Override
        public HttpMethod method() {
            return HttpMethod.GET;
        }

        @Override
        public String path() {
            return path;
        }

        @Override
        public HttpVersion version() {
            return HttpVersion.HTTP_1_1;
        }

        @Override
        public HostAndPort authority() {
            return authority;
        }

        @Override
        public MultiMap headers() {
            return headers;
        }

        @Override
        public MultiMap params() {
            return params;
        }
    }

    /** An object whose methods do nothing; they return zero, null, or another such object. */
    private static <T> T nothing(Class<T> type) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    Class<?> result = method.getReturnType();
                    if (result.isInterface()) {
                        return nothing(result);
                    }
                    return result == void.class ? null : Array.get(Array.newInstance(result, 1), 0);
                }));
    }

    /** A hundred templates; each of ours and of Javalin's has its parameters in braces. */
    private static List<String> templates() {
        List<String> templates = new ArrayList<>();
        for (String thing : THINGS) {
            String all = "/api/v1/" + thing;
            templates.addAll(List.of(all, all + "/{id}", all + "/{id}/notes", all + "/{id}/notes/{note}"));
        }
        return templates;
    }

    private static boolean hasId(String template) {
        return template.contains("{id}");
    }

    private static boolean hasNote(String template) {
        return template.contains("{note}");
    }

    private Routes routes(boolean reading) {
        Response done = Response.of(204);
        Routes made = Routes.of();
        for (String template : templates()) {
            boolean readsId = reading && hasId(template);
            boolean readsNote = reading && hasNote(template);
            Handler handler = asked -> {
                if (readsId) {
                    id = Params.of(asked).get("id");
                }
                if (readsNote) {
                    note = Params.of(asked).get("note");
                }
                return done;
            };
            made = made.get(template, handler);
        }
        return made;
    }

    private static PathMatcher matcher() {
        RouterConfig config = new RouterConfig(new JavalinConfig());
        PathMatcher made = new PathMatcher();
        for (String template : templates()) {
            made.add(new ParsedEndpoint(new Endpoint(HandlerType.GET, template, context -> {}), config));
        }
        return made;
    }

    private Router router() {
        Router made = Router.router(vertx);
        for (String template : templates()) {
            boolean readsId = hasId(template);
            boolean readsNote = hasNote(template);
            made.get(template.replaceAll("\\{(\\w+)}", ":$1")).handler(context -> {
                if (readsId) {
                    id = context.pathParam("id");
                }
                if (readsNote) {
                    note = context.pathParam("note");
                }
            });
        }
        return made.errorHandler(404, context -> unmatched++);
    }

    /** Sets the requests up, and checks that all find the same. */
    @Setup
    public void setUp() throws Exception {
        request = new OfPath(path);
        vertxRequest = new VertxOfPath(path);
        String ours = httpkit() == null ? "none" : id + " " + note;
        id = null;
        note = null;
        vertx();
        String ofVertx = unmatched > 0 ? "none" : id + " " + note;
        Map<String, String> found = javalin();
        String ofJavalin = found == null ? "none" : found.get("id") + " " + found.get("note");
        if (!ours.equals(ofVertx) || !ours.equals(ofJavalin)) {
            throw new IllegalStateException(
                    path + ": httpkit " + ours + ", Vert.x " + ofVertx + ", Javalin " + ofJavalin);
        }
    }

    /** Ends the threads of Vert.x. */
    @TearDown
    public void tearDown() {
        vertx.close();
    }

    /** Finds our handler, and calls it. */
    @Benchmark
    public @Nullable Response lookup() throws Exception {
        return lookups.handle(request);
    }

    /** Finds our handler, and calls it; it reads the parameters. */
    @Benchmark
    public @Nullable Response httpkit() throws Exception {
        return routes.handle(request);
    }

    /** Finds Javalin's entry, and extracts the parameters. */
    @Benchmark
    public @Nullable Map<String, String> javalin() {
        ParsedEndpoint found =
                matcher.findEntries(HandlerType.GET, path).findFirst().orElse(null);
        return found == null ? null : found.extractPathParams(path);
    }

    /** Lets the router of Vert.x handle a request; the handler reads the parameters. */
    @Benchmark
    public void vertx() {
        vertxRequest.params().clear(); // the router has added those of the path
        router.handle(vertxRequest);
    }
}
