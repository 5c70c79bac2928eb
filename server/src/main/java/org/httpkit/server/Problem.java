package org.httpkit.server;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.httpkit.http.Status;
import org.jspecify.annotations.Nullable;

/**
 * A problem report in JSON (RFC 9457). Immutable: each method returns a changed one.
 *
 * <pre>{@code
 * Problem.of(409).title("Out of stock").detail("There are 2 left.").with("left", 2).response();
 * HttpServer.builder().errorPages(Problem::json);
 * }</pre>
 */
public final class Problem {
    private static final String TYPE = "application/problem+json";

    private final int status;
    private final Map<String, Object> members;

    private Problem(int status, Map<String, Object> members) {
        this.status = status;
        this.members = members;
    }

    /**
     * A problem with this status, whose title is the status's reason.
     *
     * @param status 400 to 599
     * @throws IllegalArgumentException if the status is out of range
     */
    public static Problem of(int status) {
        Options.requireBetween("status", status, 400, 599);
        Problem problem = new Problem(status, Map.of());
        String reason = Status.of(status).reason();
        return reason.isEmpty() ? problem : problem.title(reason);
    }

    /**
     * For {@link HttpServer.Builder#errorPages}: a problem with the reason as its detail, if the reason says more
     * than the status.
     */
    public static Response json(int status, String reason, @Nullable Request request) {
        Problem problem = of(status);
        boolean saysMore = !reason.isEmpty() && !reason.equals(Status.of(status).reason());
        return (saysMore ? problem.detail(reason) : problem).response();
    }

    /** The kind of problem: a URI, ideally one that leads to an explanation. */
    public Problem type(String uri) {
        return member("type", Objects.requireNonNull(uri, "uri"));
    }

    /** A short description of this kind of problem. */
    public Problem title(String title) {
        return member("title", Objects.requireNonNull(title, "title"));
    }

    /** What happened this time, for people to read. */
    public Problem detail(String detail) {
        return member("detail", Objects.requireNonNull(detail, "detail"));
    }

    /** A URI that identifies this occurrence. */
    public Problem instance(String uri) {
        return member("instance", Objects.requireNonNull(uri, "uri"));
    }

    /**
     * Adds a member.
     *
     * @param value a string, a boolean, or a finite number; anything else counts as its {@code toString}
     * @throws IllegalArgumentException if the standard defines a member of this name
     */
    public Problem with(String name, Object value) {
        Objects.requireNonNull(value, "value");
        switch (name) {
            case "type", "status", "title", "detail", "instance" ->
                throw new IllegalArgumentException("name is " + name + ", for which there is a method or a parameter");
            default -> {
                return member(name, value);
            }
        }
    }

    private Problem member(String name, Object value) {
        Map<String, Object> changed = new LinkedHashMap<>(members);
        changed.put(name, value);
        return new Problem(status, changed);
    }

    /** A response with the problem's status and {@code application/problem+json}. */
    public Response response() {
        return Response.json(toString()).status(status).header("Content-Type", TYPE);
    }

    /** The JSON. */
    @Override
    public String toString() {
        StringBuilder json = new StringBuilder("{\"status\":").append(status);
        members.forEach((name, value) -> {
            json.append(',');
            appendString(json, name).append(':');
            if (value instanceof Boolean || isFinite(value)) {
                json.append(value);
            } else {
                appendString(json, value.toString());
            }
        });
        return json.append('}').toString();
    }

    private static boolean isFinite(Object value) {
        return value instanceof Number number
                && !Double.isNaN(number.doubleValue())
                && !Double.isInfinite(number.doubleValue());
    }

    /** As RFC 8259 section 7 has it; {@code <} as well, for who puts it into a page. */
    private static StringBuilder appendString(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> json.append('\\').append(c);
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (c < ' ' || c == '<' || Character.isSurrogate(c)) {
                        json.append(String.format("\\u%04x", (int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        return json.append('"');
    }
}
