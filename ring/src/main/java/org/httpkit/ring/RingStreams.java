package org.httpkit.ring;

import clojure.lang.Namespace;
import clojure.lang.RT;
import clojure.lang.Symbol;
import clojure.lang.Var;
import org.httpkit.server.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * Writes bodies that implement Ring's protocol {@code StreamableResponseBody}. It loads nothing: a program with such a
 * type has loaded Ring's namespace. Stateless, except for what that protocol does.
 */
final class RingStreams {
    private static final Symbol PROTOCOLS = Symbol.intern("ring.core.protocols");
    private static final Symbol STREAMABLE = Symbol.intern("StreamableResponseBody");
    private static final Symbol WRITE = Symbol.intern("write-body-to-stream");
    private static final Var SATISFIES = RT.var("clojure.core", "satisfies?");

    private RingStreams() {}

    /**
     * Returns a body that writes this one, or null if its type does not implement the protocol.
     *
     * @param isAsync whether the body may still be written when the protocol's function has returned
     */
    static @Nullable ResponseBody bodyOf(Object body, @Nullable Object response, boolean isAsync) {
        Namespace protocols = Namespace.find(PROTOCOLS);
        Var streamable = protocols == null ? null : protocols.findInternedVar(STREAMABLE);
        Var write = protocols == null ? null : protocols.findInternedVar(WRITE);
        // The protocol's value changes when it is extended, so this reads it each time.
        if (streamable == null || write == null || !RT.booleanCast(SATISFIES.invoke(streamable.deref(), body))) {
            return null;
        }
        return new ResponseBody.Written(out -> {
            if (isAsync) {
                LateStream late = new LateStream(out);
                write.invoke(body, response, late);
                late.awaitClosed();
            } else {
                write.invoke(body, response, out);
            }
        });
    }
}
