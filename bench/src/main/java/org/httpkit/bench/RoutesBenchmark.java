package org.httpkit.bench;

import java.lang.reflect.Proxy;
import java.util.concurrent.TimeUnit;
import org.httpkit.http.Method;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
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
import org.openjdk.jmh.annotations.Warmup;

/** A request's way through a hundred routes, to a handler that does nothing: {@code java -jar bench/target/httpkit-bench.jar RoutesBenchmark}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RoutesBenchmark {
    private static final String[] THINGS = {
        "users", "orders", "items", "carts", "invoices", "payments", "shipments", "reviews", "sessions", "reports"
    };

    @Param({"/api/v1/reports", "/api/v1/shipments/4711/notes/9", "/assets/js/app.3f2a9c1b.js", "/api/v1/users/J%C3%B6rg"
    })
    public String path = "";

    private final Routes routes = routes();
    private Request request = new OfPath("/");

    /** A request that has a path and nothing else. */
    private static final class OfPath extends RequestWrapper {
        private final String path;

        OfPath(String path) {
            super((Request) Proxy.newProxyInstance(
                    Request.class.getClassLoader(),
                    new Class<?>[] {Request.class},
                    (proxy, method, arguments) -> null));
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

    private static Routes routes() {
        Response done = Response.of(204);
        Routes routes = Routes.of();
        for (String thing : THINGS) {
            String all = "/api/v1/" + thing;
            for (String template : new String[] {all, all + "/{id}", all + "/{id}/notes", all + "/{id}/notes/{note}"}) {
                routes = routes.get(template, request -> done).put(template, request -> done);
            }
            routes = routes.post(all, request -> done).delete(all + "/{id}", request -> done);
        }
        return routes.get("/assets/{path...}", request -> done);
    }

    /** Sets the request up. */
    @Setup
    public void setUp() {
        request = new OfPath(path);
    }

    /** Finds the handler, and calls it. */
    @Benchmark
    public @Nullable Response route() throws Exception {
        return routes.handle(request);
    }
}
