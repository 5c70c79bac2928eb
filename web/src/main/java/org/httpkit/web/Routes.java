package org.httpkit.web;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.httpkit.http.Method;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a handler by method and path. Immutable: each method returns new routes.
 *
 * <pre>{@code
 * Handler site = Routes.of()
 *         .get("/users/{id}", request -> user(Params.of(request).get("id")))
 *         .post("/users", this::create)
 *         .mount("/admin", admin.with(signedIn));
 * }</pre>
 *
 * <p>A segment of a template is literal, or {@code {name}}, which matches one segment that is not empty. At the end,
 * {@code {name...}} matches the rest of the path, which may be empty. Paths are compared exactly, including slashes
 * at the end, with each segment percent-decoded. A segment {@code .} or {@code ..} matches nothing.
 *
 * <p>The narrowest template with the method wins, regardless of the order in which routes were added: {@code
 * /users/me} before {@code /users/{id}}. Two routes that both match some path, and neither of which is narrower, are
 * refused when they are put together.
 *
 * <p>The routes themselves answer HEAD where there is a GET route, with its handler; OPTIONS where no route does,
 * with 204 and {@code Allow}; 405 with {@code Allow} if the path has routes for other methods; and 400 if the path's
 * escapes are malformed or not UTF-8. {@link #otherwise} answers where there is no route; by default that is a 404.
 */
public final class Routes implements Handler {
    private static final Routes NONE = new Routes(List.of(), List.of(), List.of(), null);

    private final List<Route> routes;
    /** Of what is mounted here. */
    private final List<Scope> scopes;

    private final List<Filter> filters;
    private final @Nullable Handler otherwise;
    /** Made when it is first needed; whichever thread makes it, it is the same. */
    private volatile @Nullable RouteNode tree;

    /** Answers where neither a route nor a scope does; made as the tree is. */
    private volatile @Nullable Handler outside;

    private Routes(List<Route> routes, List<Scope> scopes, List<Filter> filters, @Nullable Handler otherwise) {
        this.routes = routes;
        this.scopes = scopes;
        this.filters = filters;
        this.otherwise = otherwise;
    }

    /** No routes yet. */
    public static Routes of() {
        return NONE;
    }

    /** Adds a route for GET, and for HEAD unless there is one; see {@link #route}. */
    public Routes get(String template, Handler handler) {
        return route(Method.GET, template, handler);
    }

    /** Adds a route for HEAD; see {@link #route}. */
    public Routes head(String template, Handler handler) {
        return route(Method.HEAD, template, handler);
    }

    /** Adds a route for POST; see {@link #route}. */
    public Routes post(String template, Handler handler) {
        return route(Method.POST, template, handler);
    }

    /** Adds a route for PUT; see {@link #route}. */
    public Routes put(String template, Handler handler) {
        return route(Method.PUT, template, handler);
    }

    /** Adds a route for PATCH; see {@link #route}. */
    public Routes patch(String template, Handler handler) {
        return route(Method.PATCH, template, handler);
    }

    /** Adds a route for DELETE; see {@link #route}. */
    public Routes delete(String template, Handler handler) {
        return route(Method.DELETE, template, handler);
    }

    /** Adds a route for OPTIONS; see {@link #route}. */
    public Routes options(String template, Handler handler) {
        return route(Method.OPTIONS, template, handler);
    }

    /** Adds a route for every method that has no route with this template; see {@link #route}. */
    public Routes any(String template, Handler handler) {
        return plus(new Route(null, PathTemplate.of(template), Objects.requireNonNull(handler, "handler"), List.of()));
    }

    /**
     * Adds a route.
     *
     * @param template such as {@code /users/{id}}; {@code ""} is the place where these routes are {@linkplain #mount mounted}
     * @throws IllegalArgumentException if the template is malformed, or the route ambiguous with another one: the message names both
     */
    public Routes route(Method method, String template, Handler handler) {
        Objects.requireNonNull(method, "method");
        return plus(
                new Route(method, PathTemplate.of(template), Objects.requireNonNull(handler, "handler"), List.of()));
    }

    /**
     * Adds all routes of others below a prefix, with their filters and their {@link #otherwise}. Handlers see the
     * whole path.
     *
     * @param prefix such as {@code /api} or {@code /tenants/{tenant}}; {@code ""} puts them next to these routes, and
     *     keeps what answers otherwise
     * @throws IllegalArgumentException if the prefix is malformed or ends with a slash, or a route is ambiguous with
     *     another one
     */
    public Routes mount(String prefix, Routes others) {
        PathTemplate below = PathTemplate.of(prefix);
        Routes all = this;
        for (Route route : others.routes) {
            all = all.plus(new Route(
                    route.method(),
                    below.plus(route.template()),
                    route.handler(),
                    plus(others.filters, route.filters())));
        }
        List<Scope> inner = new ArrayList<>(scopes);
        for (Scope scope : others.allScopes()) {
            PathTemplate whole = below.plus(scope.prefix());
            if (whole != PathTemplate.EMPTY) { // routes mounted without a prefix have no scope
                inner.add(new Scope(whole, scope.otherwise(), scope.filters()));
            }
        }
        return new Routes(all.routes, List.copyOf(inner), filters, otherwise);
    }

    /**
     * Puts a filter around all of these routes, whether they are added before or after it, and around the responses
     * of the routes themselves. The first filter is the outermost; filters of mounted routes are inside.
     */
    public Routes with(Filter filter) {
        return new Routes(routes, scopes, plus(filters, List.of(filter)), otherwise);
    }

    /** The handler for paths without a route; by default they get 404. */
    public Routes otherwise(Handler handler) {
        return new Routes(routes, scopes, filters, Objects.requireNonNull(handler, "handler"));
    }

    /**
     * The template of the route that matches a request, including prefixes of mounts; null if none matches. For code
     * that sees requests from outside, such as a log or metrics; a handler calls {@link Params#template}.
     */
    public @Nullable String template(Request request) {
        RouteNode.Leaf leaf = RouteNode.Leaf.routed(find(request));
        return leaf == null ? null : leaf.route().template().toString();
    }

    @Override
    public @Nullable Response handle(Request request) throws Exception {
        RouteNode.Leaf found = find(request);
        RouteNode.Leaf leaf = RouteNode.Leaf.routed(found);
        return leaf != null
                ? leaf.handler().handle(new RoutedRequest(request, leaf.route().template()))
                : withoutRoute(request, found != null).handle(request);
    }

    @Override
    public boolean streamsBody(Request request) {
        RouteNode.Leaf found = find(request);
        RouteNode.Leaf leaf = RouteNode.Leaf.routed(found);
        return leaf != null
                ? leaf.handler()
                        .streamsBody(new RoutedRequest(request, leaf.route().template()))
                : withoutRoute(request, found != null).streamsBody(request);
    }

    private RouteNode.@Nullable Leaf find(Request request) {
        String path = request.path();
        return !path.startsWith("/") || !PathText.isWellFormed(path) ? null : tree().find(request.method(), path, 1);
    }

    private Handler withoutRoute(Request request, boolean hasOtherMethods) {
        String path = request.path();
        if (!PathText.isWellFormed(path)) {
            return Route.filtered(malformed -> Response.of(400), filters);
        }
        int status = request.method().equals(Method.OPTIONS) ? 204 : 405;
        if (!path.startsWith("/")) { // "*": the server as a whole (RFC 9110 section 9.3.7), or empty with CONNECT
            return Route.filtered(server -> allowing(status, routes.stream()), filters);
        }
        if (hasOtherMethods) {
            List<RouteNode.Leaf> others = new ArrayList<>();
            tree().collect(path, 1, others);
            Response response = allowing(status, others.stream().map(RouteNode.Leaf::route));
            List<Filter> around = others.get(0).route().filters();
            return Route.filtered(other -> response, plus(filters, around));
        }
        if (scopes.isEmpty()) {
            return outside();
        }
        Scope scope = tree().scope(path, 1, new Scope(PathTemplate.EMPTY, otherwise, List.of()));
        Handler answer = scope == null ? null : scope.otherwise();
        return Route.filtered(
                answer == null ? nothing -> null : answer, scope == null ? filters : plus(filters, scope.filters()));
    }

    private static Response allowing(int status, Stream<Route> routes) {
        Set<String> methods = new LinkedHashSet<>();
        routes.forEach(route -> {
            Method method = route.method();
            if (method != null) {
                methods.add(method.name());
                if (method.equals(Method.GET)) {
                    methods.add(Method.HEAD.name());
                }
            }
        });
        methods.add(Method.OPTIONS.name());
        return Response.of(status).header("Allow", String.join(", ", methods));
    }

    private RouteNode tree() {
        RouteNode known = tree;
        if (known == null) {
            known = new RouteNode();
            for (Route route : routes) {
                Route whole =
                        new Route(route.method(), route.template(), route.handler(), plus(filters, route.filters()));
                known.add(new RouteNode.Leaf(route, whole.filtered()));
            }
            for (Scope scope : scopes) {
                known.add(scope);
            }
            tree = known;
        }
        return known;
    }

    private Handler outside() {
        Handler known = outside;
        if (known == null) {
            known = Route.filtered(otherwise == null ? nothing -> null : otherwise, filters);
            outside = known;
        }
        return known;
    }

    /** With the one that covers all of these routes. */
    private List<Scope> allScopes() {
        List<Scope> all = new ArrayList<>();
        all.add(new Scope(PathTemplate.EMPTY, otherwise, filters));
        for (Scope scope : scopes) {
            all.add(new Scope(scope.prefix(), scope.otherwise(), plus(filters, scope.filters())));
        }
        return all;
    }

    private Routes plus(Route added) {
        for (Route route : routes) {
            if (route.isAmbiguousWith(added)) {
                throw new IllegalArgumentException(
                        "Ambiguous routes: some requests match both " + route + " and " + added);
            }
        }
        return new Routes(plus(routes, List.of(added)), scopes, filters, otherwise);
    }

    private static <T> List<T> plus(List<T> some, List<T> more) {
        if (some.isEmpty()) {
            return List.copyOf(more);
        }
        List<T> all = new ArrayList<>(some);
        all.addAll(more);
        return List.copyOf(all);
    }
}
