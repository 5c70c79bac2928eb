package org.httpkit.web;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.httpkit.http.Method;
import org.httpkit.server.Handler;
import org.jspecify.annotations.Nullable;

/**
 * A node in the tree of routes: the segments and routes that may follow the segments leading to it. Built by one
 * thread, then only read.
 *
 * <p>A search tries the literal first, then the parameter, then {@code {name...}}, and backtracks where it finds
 * nothing. Routes of which neither is narrower never share a tree ({@link Route#isAmbiguousWith}), so the first hit is
 * the narrowest. A search visits each node once at most, since only one way leads to it.
 */
final class RouteNode {
    private static final Leaf[] NONE = {};

    /** A route and its handler, wrapped in its filters. Compared by identity. */
    static final class Leaf {
        /** Stands for routes that match a path, but have other methods. */
        static final Leaf OTHER_METHODS =
                new Leaf(new Route(null, PathTemplate.EMPTY, request -> null, List.of()), request -> null);

        private final Route route;
        private final Handler handler;

        Leaf(Route route, Handler handler) {
            this.route = route;
            this.handler = handler;
        }

        Route route() {
            return route;
        }

        Handler handler() {
            return handler;
        }

        /** The route that a search has found; null if it found none, or {@link #OTHER_METHODS} alone. */
        static @Nullable Leaf routed(@Nullable Leaf found) {
            return found == OTHER_METHODS ? null : found;
        }
    }

    /** Literals by their hash, with gaps; a power of two, and twice as many as there are literals at least. */
    private String[] literals = new String[2];

    private RouteNode[] byLiteral = new RouteNode[2];
    private int literalCount;
    private @Nullable RouteNode parameter;
    /** The routes that end here. */
    private Leaf[] ends = NONE;
    /** The routes whose last segment begins here and takes the rest of the path. */
    private Leaf[] rests = NONE;

    private @Nullable Scope scope;

    void add(Leaf leaf) {
        RouteNode node = this;
        for (PathTemplate.Segment segment : leaf.route.template().segments()) {
            switch (segment.kind()) {
                case LITERAL -> node = node.literal(segment.text());
                case PARAMETER -> node = node.parameter();
                case REST -> {
                    node.rests = plus(node.rests, leaf);
                    return;
                }
            }
        }
        node.ends = plus(node.ends, leaf);
    }

    void add(Scope added) {
        RouteNode node = this;
        for (PathTemplate.Segment segment : added.prefix().segments()) {
            node = segment.kind() == PathTemplate.Kind.LITERAL ? node.literal(segment.text()) : node.parameter();
        }
        if (node.scope == null) {
            node.scope = added;
        }
    }

    /**
     * Finds the narrowest route for a method and a path.
     *
     * @param path well formed
     * @param start where the next segment begins; behind the path's end if there is none
     * @return null if no route matches the path, whatever its method
     */
    @Nullable
    Leaf find(Method method, String path, int start) {
        int length = path.length();
        RouteNode node = this;
        int begin = start;
        while (begin <= length) {
            int end;
            RouteNode literal = null;
            if (node.literalCount == 0) {
                end = PathText.segmentEnd(path, begin);
            } else {
                int hash = 0;
                for (end = begin; end < length; end++) {
                    char c = path.charAt(end);
                    if (c == '/') {
                        break;
                    }
                    hash = 31 * hash + c;
                }
                literal = node.child(hash, path, begin, end);
            }
            RouteNode other = node.parameter;
            if (other != null && (end == begin || PathText.isDots(path, begin, end))) {
                other = null;
            }
            if (node.rests != NONE || (literal != null && other != null)) {
                return node.firstOf(literal, other, method, path, begin, end);
            }
            node = literal != null ? literal : other; // the only way
            if (node == null) {
                return null;
            }
            begin = end + 1;
        }
        return choose(node.ends, method);
    }

    /** Tries one way after the other. */
    private @Nullable Leaf firstOf(
            @Nullable RouteNode literal, @Nullable RouteNode other, Method method, String path, int begin, int end) {
        Leaf found = literal == null ? null : literal.find(method, path, end + 1);
        if (Leaf.routed(found) == null && other != null) {
            found = better(found, other.find(method, path, end + 1));
        }
        if (Leaf.routed(found) == null && rests != NONE && !hasDots(path, begin)) {
            found = better(found, choose(rests, method));
        }
        return found;
    }

    private static @Nullable Leaf better(@Nullable Leaf before, @Nullable Leaf found) {
        return found == null ? before : found;
    }

    /** Adds all routes of the path, for any method, the narrowest first. */
    void collect(String path, int start, List<Leaf> into) {
        if (start > path.length()) {
            into.addAll(Arrays.asList(ends));
            return;
        }
        int end = PathText.segmentEnd(path, start);
        RouteNode next = child(hash(path, start, end), path, start, end);
        if (next != null) {
            next.collect(path, end + 1, into);
        }
        if (parameter != null && end > start && !PathText.isDots(path, start, end)) {
            parameter.collect(path, end + 1, into);
        }
        if (rests != NONE && !hasDots(path, start)) {
            into.addAll(Arrays.asList(rests));
        }
    }

    /** Finds the scope with the longest prefix of the path; literals first. */
    @Nullable
    Scope scope(String path, int start, @Nullable Scope outer) {
        Scope own = scope == null ? outer : scope.within(outer);
        if (start > path.length()) {
            return own;
        }
        int end = PathText.segmentEnd(path, start);
        RouteNode next = child(hash(path, start, end), path, start, end);
        Scope inner = next == null ? own : next.scope(path, end + 1, own);
        if (Objects.equals(inner, own) && parameter != null && end > start) {
            inner = parameter.scope(path, end + 1, own);
        }
        return inner;
    }

    /** Finds the literal that a segment stands for. */
    private @Nullable RouteNode child(int hash, String path, int start, int end) {
        RouteNode found = byLiteral(hash, path, start, end);
        if (found != null || literalCount == 0 || !PathText.hasEscape(path, start, end)) {
            return found;
        }
        String segment = Objects.requireNonNull(PathText.decode(path, start, end), path); // it is well formed
        return byLiteral(segment.hashCode(), segment, 0, segment.length());
    }

    private @Nullable RouteNode byLiteral(int hash, String path, int start, int end) {
        int mask = literals.length - 1;
        int length = end - start;
        for (int i = spread(hash) & mask; ; i = (i + 1) & mask) {
            String literal = literals[i];
            if (literal == null) {
                return null;
            }
            if (literal.length() == length && path.startsWith(literal, start)) {
                return byLiteral[i];
            }
        }
    }

    private RouteNode literal(String text) {
        RouteNode known = byLiteral(text.hashCode(), text, 0, text.length());
        if (known != null) {
            return known;
        }
        if (++literalCount * 2 > literals.length) {
            String[] oldLiterals = literals;
            RouteNode[] old = byLiteral;
            literals = new String[oldLiterals.length * 2];
            byLiteral = new RouteNode[oldLiterals.length * 2];
            for (int i = 0; i < old.length; i++) {
                if (oldLiterals[i] != null) {
                    put(oldLiterals[i], old[i]);
                }
            }
        }
        RouteNode added = new RouteNode();
        put(text, added);
        return added;
    }

    private void put(String text, RouteNode node) {
        int mask = literals.length - 1;
        int i = spread(text.hashCode()) & mask;
        while (literals[i] != null) {
            i = (i + 1) & mask;
        }
        literals[i] = text;
        byLiteral[i] = node;
    }

    private RouteNode parameter() {
        RouteNode node = parameter;
        if (node == null) {
            node = new RouteNode();
            parameter = node;
        }
        return node;
    }

    /** The hash code that a string of this part would have. */
    private static int hash(String path, int start, int end) {
        int hash = 0;
        for (int i = start; i < end; i++) {
            hash = 31 * hash + path.charAt(i);
        }
        return hash;
    }

    private static int spread(int hash) {
        return hash ^ hash >>> 16 ^ hash >>> 7;
    }

    /**
     * A route for GET answers HEAD where no route for HEAD does (RFC 9110 section 9.3.2); routes for all methods come
     * last.
     */
    private static @Nullable Leaf choose(Leaf[] leaves, Method method) {
        Leaf get = null;
        Leaf any = null;
        for (Leaf leaf : leaves) {
            Method own = leaf.route.method();
            if (own == null) {
                any = leaf;
            } else if (own.equals(method)) {
                return leaf;
            } else if (own.equals(Method.GET) && method.equals(Method.HEAD)) {
                get = leaf;
            }
        }
        Leaf found = get != null ? get : any;
        return found == null && leaves.length > 0 ? Leaf.OTHER_METHODS : found;
    }

    private static boolean hasDots(String path, int start) {
        for (int at = start; at < path.length(); ) {
            int end = PathText.segmentEnd(path, at);
            if (PathText.isDots(path, at, end)) {
                return true;
            }
            at = end + 1;
        }
        return false;
    }

    private static Leaf[] plus(Leaf[] leaves, Leaf leaf) {
        Leaf[] more = Arrays.copyOf(leaves, leaves.length + 1);
        more[leaves.length] = leaf;
        return more;
    }
}
