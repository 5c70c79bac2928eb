package org.httpkit.web;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.httpkit.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * A request and the template that its path matched, which locates the parameters. Immutable; it finds a value when it
 * is asked for it.
 */
final class RoutedRequest extends RequestWrapper implements Params {
    private final PathTemplate template;

    RoutedRequest(Request request, PathTemplate template) {
        super(request);
        this.template = template;
    }

    /** The request as the innermost routes wrapped it; null if none did. */
    static @Nullable RoutedRequest in(Request request) {
        for (Request inner = request; inner instanceof RequestWrapper wrapper; inner = wrapper.wrapped()) {
            if (inner instanceof RoutedRequest routed) {
                return routed;
            }
        }
        return null;
    }

    @Override
    public String get(String name) {
        int index = index(name);
        int start = start(index);
        return decoded(
                start,
                isRest(index)
                        ? wrapped().path().length()
                        : PathText.segmentEnd(wrapped().path(), start));
    }

    @Override
    public List<String> segments(String name) {
        int index = index(name);
        if (!isRest(index)) {
            return List.of(get(name));
        }
        String path = wrapped().path();
        List<String> segments = new ArrayList<>();
        for (int start = start(index); start <= path.length(); ) {
            int end = PathText.segmentEnd(path, start);
            segments.add(decoded(start, end));
            start = end + 1;
        }
        return List.copyOf(segments);
    }

    @Override
    public Map<String, String> toMap() {
        Map<String, String> map = new LinkedHashMap<>();
        for (PathTemplate.Segment segment : template.segments()) {
            if (segment.kind() != PathTemplate.Kind.LITERAL) {
                map.put(segment.text(), get(segment.text()));
            }
        }
        return map;
    }

    @Override
    public String template() {
        return template.toString();
    }

    /**
     * Where in the path the rest begins that the template's last segment takes; 1, behind the first slash, if it takes
     * none.
     */
    int restStart() {
        int last = template.segments().size() - 1;
        return last >= 0 && isRest(last) ? start(last) : 1;
    }

    private int index(String name) {
        int index = template.indexOf(Objects.requireNonNull(name, "name"));
        if (index < 0) {
            throw new IllegalArgumentException("The template " + template + " has no parameter " + name);
        }
        return index;
    }

    private boolean isRest(int index) {
        return template.segments().get(index).kind() == PathTemplate.Kind.REST;
    }

    /** Templates and paths have their slashes at the same places, since an encoded slash does not count. */
    private int start(int index) {
        String path = wrapped().path();
        int start = 1;
        for (int i = 0; i < index; i++) {
            start = path.indexOf('/', start) + 1;
        }
        return start;
    }

    private String decoded(int start, int end) {
        String path = wrapped().path();
        return Objects.requireNonNull(PathText.decode(path, start, end), path); // the router has decoded it before
    }
}
