package org.httpkit.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A pattern of paths such as {@code /users/{id}} or {@code /files/{path...}}. Immutable. */
final class PathTemplate {
    static final PathTemplate EMPTY = new PathTemplate("", List.of());

    enum Kind {
        LITERAL,
        PARAMETER,
        REST
    }

    /** A segment; {@code text} is the decoded literal, or the name of a parameter. */
    record Segment(Kind kind, String text) {}

    /** How the paths of one template relate to those of another. */
    enum Relation {
        /** No path matches both. */
        DISJOINT,
        /** Each path of the first one matches the second, too, but not the other way round. */
        NARROWER,
        WIDER,
        SAME,
        /** Some match both, and some only the one, and some only the other. */
        CROSSING
    }

    private final String text;
    private final List<Segment> segments;

    private PathTemplate(String text, List<Segment> segments) {
        this.text = text;
        this.segments = segments;
    }

    /**
     * Reads a template.
     *
     * @throws IllegalArgumentException if the text is no template; the message says why
     */
    static PathTemplate of(String text) {
        if (text.isEmpty()) {
            return EMPTY;
        }
        if (text.charAt(0) != '/') {
            throw refused(text, "it must begin with a slash");
        }
        String[] parts = text.substring(1).split("/", -1);
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < parts.length; i++) {
            segments.add(segment(text, parts[i], i == parts.length - 1));
        }
        return checked(text, segments);
    }

    /**
     * Returns this template followed by another one.
     *
     * @throws IllegalArgumentException if this one ends with a slash or {@code {name...}}, or both name the same
     *     parameter
     */
    PathTemplate plus(PathTemplate below) {
        if (segments.isEmpty()) {
            return below;
        }
        Segment last = segments.get(segments.size() - 1);
        if (last.text.isEmpty() || last.kind == Kind.REST) {
            throw refused(text, "nothing can stand below it");
        }
        List<Segment> all = new ArrayList<>(segments);
        all.addAll(below.segments);
        return checked(text + below.text, all);
    }

    List<Segment> segments() {
        return segments;
    }

    /** The index of the segment that is the parameter of this name; -1 if there is none. */
    int indexOf(String name) {
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (segment.kind != Kind.LITERAL && segment.text.equals(name)) {
                return i;
            }
        }
        return -1;
    }

    Relation to(PathTemplate other) {
        boolean narrower = false;
        boolean wider = false;
        int count = Math.max(segments.size(), other.segments.size());
        for (int i = 0; i < count; i++) {
            if (i >= segments.size() || i >= other.segments.size()) {
                return Relation.DISJOINT; // one has ended; {name...} needs a segment, which may be empty
            }
            Segment mine = segments.get(i);
            Segment others = other.segments.get(i);
            if (mine.kind == Kind.REST || others.kind == Kind.REST) {
                narrower |= mine.kind != Kind.REST;
                wider |= others.kind != Kind.REST;
                break;
            }
            if (mine.kind == Kind.LITERAL && others.kind == Kind.LITERAL) {
                if (!mine.text.equals(others.text)) {
                    return Relation.DISJOINT;
                }
            } else if (mine.kind != others.kind) {
                if (mine.text.isEmpty() || others.text.isEmpty()) {
                    return Relation.DISJOINT; // no parameter is empty
                }
                narrower |= mine.kind == Kind.LITERAL;
                wider |= others.kind == Kind.LITERAL;
            }
        }
        if (narrower) {
            return wider ? Relation.CROSSING : Relation.NARROWER;
        }
        return wider ? Relation.WIDER : Relation.SAME;
    }

    @Override
    public String toString() {
        return text;
    }

    private static PathTemplate checked(String text, List<Segment> segments) {
        Set<String> names = new TreeSet<>();
        for (Segment segment : segments) {
            if (segment.kind != Kind.LITERAL && !names.add(segment.text)) {
                throw refused(text, "it names the parameter " + segment.text + " twice");
            }
        }
        return new PathTemplate(text, List.copyOf(segments));
    }

    private static Segment segment(String template, String part, boolean isLast) {
        if (part.startsWith("{") && part.endsWith("}")) {
            boolean isRest = part.endsWith("...}");
            String name = part.substring(1, part.length() - (isRest ? 4 : 1));
            if (!name.matches("[A-Za-z_][A-Za-z0-9_-]*")) {
                throw refused(template, "'" + name + "' is no name of a parameter");
            }
            if (isRest && !isLast) {
                throw refused(template, "{" + name + "...} must be its last segment");
            }
            return new Segment(isRest ? Kind.REST : Kind.PARAMETER, name);
        }
        if (part.isEmpty() && !isLast) {
            throw refused(template, "it has an empty segment");
        }
        if (part.equals(".") || part.equals("..")) {
            throw refused(template, "clients resolve '.' and '..' before they ask");
        }
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if ("{}%?#\\\uFFFF".indexOf(c) >= 0 || c < ' ') {
                String why = c == '{' || c == '}'
                        ? "a parameter must be a whole segment, as in /users/{id}"
                        : c == '%' ? "its text must be decoded" : "no path has such a character";
                throw refused(template, why);
            }
        }
        return new Segment(Kind.LITERAL, part);
    }

    private static IllegalArgumentException refused(String template, String why) {
        return new IllegalArgumentException("Template " + template + ": " + why);
    }
}
