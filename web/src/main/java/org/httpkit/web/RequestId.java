package org.httpkit.web;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * Gives each request a name, which its response has in {@code X-Request-Id}. Safe from any thread.
 *
 * <p>Names are unique but not secret. The filter uses a name that the client gives only after {@link #trusting}, and
 * only if it has at most 64 letters, digits, dots, underscores and hyphens.
 */
public final class RequestId implements Filter {
    private static final String FIELD = "X-Request-Id";
    private static final int MAX_CHARS = 64;

    private final boolean trusting;
    private final AtomicLong next = new AtomicLong(ThreadLocalRandom.current().nextLong());
    private final long start = ThreadLocalRandom.current().nextLong();

    /** A request and its name. */
    private static final class Named extends RequestWrapper {
        private final String id;

        Named(Request request, String id) {
            super(request);
            this.id = id;
        }
    }

    private RequestId(boolean trusting) {
        this.trusting = trusting;
    }

    /** Makes all names. */
    public static RequestId of() {
        return new RequestId(false);
    }

    /** Uses the names that a proxy in front has given. */
    public static RequestId trusting() {
        return new RequestId(true);
    }

    /**
     * The name of a request.
     *
     * @throws IllegalStateException if no such filter has seen the request
     */
    public static String of(Request request) {
        for (Request inner = request; inner instanceof RequestWrapper wrapper; inner = wrapper.wrapped()) {
            if (inner instanceof Named named) {
                return named.id;
            }
        }
        throw new IllegalStateException("No RequestId has seen the request for " + request.path());
    }

    @Override
    public @Nullable Response filter(Request request, Handler handler) throws Exception {
        String given = trusting ? request.header(FIELD) : null;
        String id = given != null && isName(given) ? given : newId();
        return Filter.change(handler.handle(new Named(request, id)), response -> response.header(FIELD, id));
    }

    private String newId() {
        return HexFormat.of().toHexDigits(start) + HexFormat.of().toHexDigits(next.getAndIncrement());
    }

    private static boolean isName(String given) {
        return !given.isEmpty()
                && given.length() <= MAX_CHARS
                && given.chars().allMatch(c -> c < 0x80 && (Character.isLetterOrDigit(c) || "._-".indexOf(c) >= 0));
    }
}
