package org.httpkit.web;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.httpkit.http.Method;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.web.FileFolder.Found;
import org.httpkit.web.MediaTypes.MediaType;
import org.jspecify.annotations.Nullable;

/**
 * Serves the files of one folder, and nothing outside of it. Immutable: each method returns changed ones.
 *
 * <pre>{@code
 * Routes.of().get("/assets/{path...}", StaticFiles.of(Path.of("assets")).precompressed().immutable("**.{js,css}"));
 * }</pre>
 *
 * <p>The last parameter of the route's template names the file if it takes the rest of the path; otherwise the whole
 * path does. Each segment is percent-decoded once. Names that begin with a dot are refused, and so are names that
 * mean something special on some system: those with a backslash or a colon, and those of devices. The file itself,
 * after following links, must be inside the folder. The handler returns null for a file that is missing or refused:
 * 404.
 *
 * <p>A folder answers with its {@code index.html}. A request for a folder whose path does not end with a slash
 * redirects to one that does. {@code Content-Type} depends on the extension; text has {@code charset=utf-8}. The
 * handler reads file attributes, so do not run it with {@link org.httpkit.server.Dispatch#INLINE}.
 */
public final class StaticFiles implements Handler {
    private static final String ALLOWED = "GET, HEAD, OPTIONS";

    /** Codings and the extensions of the files that have them, the best first. */
    private static final Map<String, String> SIBLINGS = siblings();

    /** The settings with which it was made. */
    private record Settings(
            String index,
            MediaTypes types,
            List<CacheRule> rules,
            boolean precompressed,
            boolean listing,
            @Nullable List<String> singlePage) {}

    private final FileFolder folder;
    private final Settings settings;
    private final KeptFiles.Limits limits;
    /** Its entries depend on these settings, so it is never shared. */
    private final KeptFiles kept;

    private StaticFiles(FileFolder folder, Settings settings, KeptFiles.Limits limits) {
        this.folder = folder;
        this.settings = settings;
        this.limits = limits;
        this.kept = new KeptFiles(folder, limits, System::nanoTime);
    }

    /**
     * The files of a folder.
     *
     * @throws IllegalArgumentException if there is no such folder
     */
    public static StaticFiles of(Path folder) {
        return new StaticFiles(
                FileFolder.of(Objects.requireNonNull(folder, "folder")), defaults(), KeptFiles.Limits.USUAL);
    }

    /**
     * The files of a folder on the class path, on disk or in a jar: {@code StaticFiles.onClassPath(App.class,
     * "/pages")}. Files of a jar have an {@code ETag}, which contains their checksum, but no {@code Last-Modified}:
     * builds often give all files of a jar the same time.
     *
     * @param from the class whose loader, or module, has the folder; a name without a leading slash is relative to it
     * @throws IllegalArgumentException if there is no such folder; a jar must have an entry for it, as Maven's jars
     *     do
     */
    public static StaticFiles onClassPath(Class<?> from, String folder) {
        return new StaticFiles(FileFolder.onClassPath(from, folder), defaults(), KeptFiles.Limits.USUAL);
    }

    /**
     * The name of the file that represents its folder; default {@code index.html}.
     *
     * @throws IllegalArgumentException if no file of that name is ever served
     */
    public StaticFiles index(String name) {
        requireServed(List.of(name));
        return with(new Settings(
                name, settings.types, settings.rules, settings.precompressed, settings.listing, settings.singlePage));
    }

    /** Sets the {@code Content-Type} of files with this extension: {@code mediaType("wat", "text/plain")}. */
    public StaticFiles mediaType(String extension, String type) {
        MediaTypes types = settings.types.with(extension, type);
        return with(new Settings(
                settings.index, types, settings.rules, settings.precompressed, settings.listing, settings.singlePage));
    }

    /**
     * Sets {@code Cache-Control} for files whose paths in the folder match a pattern. The first matching rule counts;
     * without one there is no such field.
     *
     * @param pattern {@code *} and {@code ?} match characters of one name, {@code **} matches any characters
     *     including slashes, and <code>{js,css}</code> matches either: {@code assets/**}, {@code **.html}
     * @throws IllegalArgumentException if a brace is not closed, or the value cannot be sent
     */
    public StaticFiles cache(String pattern, String cacheControl) {
        Response.of(200).header("Cache-Control", cacheControl); // fails here rather than with the first request
        return with(CacheRule.of(pattern, cacheControl));
    }

    /** A {@link #cache} rule for files that never change: a year, without revalidation. */
    public StaticFiles immutable(String pattern) {
        return cache(pattern, CacheRule.IMMUTABLE);
    }

    /**
     * As {@link #immutable}, for files whose names have a hash before the extension, as bundlers write them: {@code
     * app.3f2a9c1b.js}. A hash has 8 or more hexadecimal digits in lower case, with both letters and figures.
     */
    public StaticFiles immutableIfHashed() {
        return with(CacheRule.ofHashedNames());
    }

    /**
     * Sends {@code page.css.br}, {@code .zst} or {@code .gz} instead of {@code page.css} to clients that accept that
     * coding (RFC 9110 section 12.5.3), if it is not older. Off by default; never for types that are already
     * compressed. If there is such a sibling, all responses have {@code Vary: Accept-Encoding}, and a client that
     * accepts neither a sibling nor the file gets 406.
     */
    public StaticFiles precompressed() {
        return with(new Settings(
                settings.index, settings.types, settings.rules, true, settings.listing, settings.singlePage));
    }

    /**
     * How many bytes of files that clients ask for often may stay in memory, from files of up to 256 KiB. A kept file
     * is sent only if it has not changed on disk.
     *
     * @param maxBytes 0 keeps none; default 16 MiB, or a 32nd of the largest heap if that is less
     * @throws IllegalArgumentException if {@code maxBytes} is negative
     */
    public StaticFiles keepInMemory(long maxBytes) {
        if (maxBytes < 0) {
            throw new IllegalArgumentException("maxBytes must be 0 or more, but is " + maxBytes);
        }
        return new StaticFiles(folder, settings, new KeptFiles.Limits(maxBytes, limits.age()));
    }

    /**
     * How long a kept file is sent without checking whether it has changed. Default zero: every request checks. With
     * a second, a request for a kept file needs no system call for the file, and a change shows up to a second late.
     *
     * @param age zero to a day
     * @throws IllegalArgumentException for any other age
     */
    public StaticFiles lookAgainAfter(Duration age) {
        if (age.isNegative() || age.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("age must be zero to a day, but is " + age);
        }
        return new StaticFiles(folder, settings, new KeptFiles.Limits(limits.maxBytes(), age));
    }

    /** Lists the files of a folder without an index. Off by default. */
    public StaticFiles listing() {
        return with(new Settings(
                settings.index, settings.types, settings.rules, settings.precompressed, true, settings.singlePage));
    }

    /**
     * Sends this file where there is none, if the last segment of the path contains no dot: for pages whose scripts
     * read the path. Missing files with a dot in their names are still 404.
     *
     * @param file its path in the folder
     * @throws IllegalArgumentException if no file of that path is ever served
     */
    public StaticFiles singlePage(String file) {
        List<String> names = List.of(file.split("/", -1));
        requireServed(names);
        return with(new Settings(
                settings.index, settings.types, settings.rules, settings.precompressed, settings.listing, names));
    }

    @Override
    public @Nullable Response handle(Request request) throws IOException {
        if (!request.method().equals(Method.GET) && !request.method().equals(Method.HEAD)) {
            boolean asks = request.method().equals(Method.OPTIONS);
            return Response.of(asks ? 204 : 405).header("Allow", ALLOWED);
        }
        RoutedRequest routed = RoutedRequest.in(request);
        int start = routed == null ? 1 : routed.restStart();
        String path = request.path().substring(start);
        FileChoice choice = kept.get(path);
        if (choice != null) {
            return choice.choose(request.headers());
        }
        List<String> names = FileNames.segments(request.path(), start);
        if (names == null) {
            return Response.of(400);
        }
        boolean isFolder = names.get(names.size() - 1).isEmpty();
        List<String> file = isFolder ? names.subList(0, names.size() - 1) : names;
        if (request.path().charAt(0) != '/' || !file.stream().allMatch(FileNames::isServed)) {
            return null;
        }
        KeptFiles.Look look = kept.look(path);
        Response found = isFolder ? folder(request, file, look) : file(request, file, look);
        return found == null ? singlePage(request, names.get(names.size() - 1)) : found;
    }

    private @Nullable Response file(Request request, List<String> names, KeptFiles.Look look) {
        Found found = look.find(names);
        if (found == null) {
            return null;
        }
        if (found.attributes().isRegularFile()) {
            return send(request, names, found, look);
        }
        boolean hasPage = found.attributes().isDirectory() && (settings.listing || index(names, look) != null);
        return hasPage
                ? Response.of(301).header("Location", withSlash(request))
                : null; // a socket, a pipe: never opened
    }

    private @Nullable Response folder(Request request, List<String> names, KeptFiles.Look look) throws IOException {
        Found index = index(names, look);
        if (index != null) {
            return send(request, plus(names, settings.index), index, look);
        }
        Found found = settings.listing ? look.find(names) : null;
        return found != null && found.attributes().isDirectory()
                ? Listing.of(folder, found.path(), names, names.isEmpty())
                : null;
    }

    private @Nullable Found index(List<String> names, KeptFiles.Look look) {
        Found index = look.findIfThere(plus(names, settings.index));
        return index != null && index.attributes().isRegularFile() ? index : null;
    }

    private @Nullable Response singlePage(Request request, String lastName) {
        if (settings.singlePage == null || lastName.indexOf('.') >= 0) {
            return null;
        }
        String path = "?" + String.join("/", settings.singlePage); // no request's: no path has a question mark
        FileChoice choice = kept.get(path);
        if (choice != null) {
            return choice.choose(request.headers());
        }
        KeptFiles.Look look = kept.look(path);
        Found page = look.find(settings.singlePage);
        return page != null && page.attributes().isRegularFile()
                ? send(request, settings.singlePage, page, look)
                : null;
    }

    private Response send(Request request, List<String> names, Found file, KeptFiles.Look look) {
        String name = names.get(names.size() - 1);
        MediaType type = settings.types.of(name);
        Map<String, Response> coded = new LinkedHashMap<>();
        if (settings.precompressed && type.shrinks()) {
            siblings(names, file, look)
                    .forEach((coding, sibling) -> coded.put(
                            coding,
                            response(sibling, type, names, look)
                                    .header("Vary", "Accept-Encoding")
                                    .header("Content-Encoding", coding)));
        }
        FileChoice choice = FileChoice.of(response(file, type, names, look), coded);
        look.keep(choice);
        return choice.choose(request.headers());
    }

    /**
     * Finds the coded siblings, the preferred coding first. A sibling older than its file was made from another
     * version.
     */
    private Map<String, Found> siblings(List<String> names, Found file, KeptFiles.Look look) {
        Map<String, Found> siblings = new LinkedHashMap<>();
        List<String> siblingNames = new ArrayList<>(names);
        int last = names.size() - 1;
        SIBLINGS.forEach((coding, extension) -> {
            siblingNames.set(last, names.get(last) + extension);
            Found sibling = look.findIfThere(siblingNames);
            if (sibling != null
                    && sibling.attributes().isRegularFile()
                    && sibling.attributes()
                                    .lastModifiedTime()
                                    .compareTo(file.attributes().lastModifiedTime())
                            >= 0) {
                siblings.put(coding, sibling);
            }
        });
        return siblings;
    }

    private Response response(Found file, MediaType type, List<String> names, KeptFiles.Look look) {
        Response response = look.response(file).header("Content-Type", type.text());
        if (!settings.rules.isEmpty()) {
            String path = String.join("/", names);
            for (CacheRule rule : settings.rules) {
                if (rule.isFor(path)) {
                    return response.header("Cache-Control", rule.cacheControl());
                }
            }
        }
        return response;
    }

    /** The request's path with a slash behind it, escaped anew. It cannot name another host: its first segment is not empty. */
    private static String withSlash(Request request) {
        StringBuilder location = new StringBuilder();
        for (String segment : Objects.requireNonNull(FileNames.segments(request.path(), 1))) {
            location.append('/').append(PathText.encode(segment));
        }
        location.append('/');
        return request.query() == null
                ? location.toString()
                : location.append('?').append(request.query()).toString();
    }

    private StaticFiles with(CacheRule rule) {
        List<CacheRule> rules = new ArrayList<>(settings.rules);
        rules.add(rule);
        return with(new Settings(
                settings.index,
                settings.types,
                List.copyOf(rules),
                settings.precompressed,
                settings.listing,
                settings.singlePage));
    }

    private StaticFiles with(Settings changed) {
        return new StaticFiles(folder, changed, limits);
    }

    private static Settings defaults() {
        return new Settings("index.html", MediaTypes.USUAL, List.of(), false, false, null);
    }

    private static Map<String, String> siblings() {
        Map<String, String> siblings = new LinkedHashMap<>();
        siblings.put("br", ".br");
        siblings.put("zstd", ".zst");
        siblings.put("gzip", ".gz");
        return siblings;
    }

    private static void requireServed(List<String> names) {
        if (!names.stream().allMatch(FileNames::isServed)) {
            throw new IllegalArgumentException("No file of that name is served: " + String.join("/", names));
        }
    }

    private static List<String> plus(List<String> names, String name) {
        List<String> more = new ArrayList<>(names);
        more.add(name);
        return more;
    }
}
