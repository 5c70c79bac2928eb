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
 * Serves the files of one folder, and nothing outside of it. Immutable: each method gives new ones.
 *
 * <pre>{@code
 * Routes.of().get("/assets/{path...}", StaticFiles.of(Path.of("assets")).precompressed().immutable("**.{js,css}"));
 * }</pre>
 *
 * <p>Which file it is, is said by the last parameter of the route's template, if that takes all the rest of the path, else by the whole path.
 * Each segment is percent-decoded once. Names that begin with a dot are not served, nor those that mean something else on some system:
 * with a backslash or a colon in them, or of a device. What a file really is, links followed, decides whether it is inside of the folder.
 * What is not served, or not there, is null: 404.
 *
 * <p>A folder is answered with its {@code index.html}; a request for it that does not end with a slash is redirected to one that does.
 * {@code Content-Type} is by the extension, text with {@code charset=utf-8}. The handler looks at files, so it belongs on the worker.
 */
public final class StaticFiles implements Handler {
    private static final String ALLOWED = "GET, HEAD, OPTIONS";

    /** Codings and the extensions of the files that have them, the best first. */
    private static final Map<String, String> SIBLINGS = siblings();

    /** What was chosen when they were made. */
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
    /** What it has was made by these settings, so it is never shared. */
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
     * The files of a folder on the class path, on disk or in a jar: {@code StaticFiles.onClassPath(App.class, "/pages")}.
     *
     * @param from whose class loader, or module, has it, and what a name without a slash in front is relative to
     * @throws IllegalArgumentException if there is no such folder; a jar has to have an entry for it, as those of Maven do
     */
    public static StaticFiles onClassPath(Class<?> from, String folder) {
        return new StaticFiles(FileFolder.onClassPath(from, folder), defaults(), KeptFiles.Limits.USUAL);
    }

    /** The name of the file that stands for its folder; default {@code index.html}. */
    public StaticFiles index(String name) {
        requireServed(List.of(name));
        return with(new Settings(
                name, settings.types, settings.rules, settings.precompressed, settings.listing, settings.singlePage));
    }

    /** The {@code Content-Type} of files with that extension, instead of the usual one: {@code mediaType("wat", "text/plain")}. */
    public StaticFiles mediaType(String extension, String type) {
        MediaTypes types = settings.types.with(extension, type);
        return with(new Settings(
                settings.index, types, settings.rules, settings.precompressed, settings.listing, settings.singlePage));
    }

    /**
     * What {@code Cache-Control} says of files whose paths in the folder match a pattern. The first rule that matches counts; without any
     * there is no such field.
     *
     * @param pattern {@code *} and {@code ?} stand for characters of one name, {@code **} for any characters, slashes as well, and
     *     <code>{js,css}</code> for one of these: {@code assets/**}, {@code **.html}
     */
    public StaticFiles cache(String pattern, String cacheControl) {
        Response.of(200).header("Cache-Control", cacheControl); // fails here rather than with the first request
        return with(CacheRule.of(pattern, cacheControl));
    }

    /** A {@link #cache} rule for files that never change under their names: a year, and no question whether they have. */
    public StaticFiles immutable(String pattern) {
        return cache(pattern, CacheRule.IMMUTABLE);
    }

    /**
     * As {@link #immutable}, for the files in whose names a hash stands before the extension, as bundlers put it: {@code
     * app.3f2a9c1b.js}. A hash is hexadecimal in lower case, of 8 digits or more, with both letters and figures.
     */
    public StaticFiles immutableIfHashed() {
        return with(CacheRule.ofHashedNames());
    }

    /**
     * Sends {@code page.css.br}, {@code .zst} or {@code .gz} instead of {@code page.css} to clients that take that coding (RFC 9110 section
     * 12.5.3), if it is no older. Off unless this is called; not for types that are compressed already. Where there is such a sibling, all
     * answers have {@code Vary: Accept-Encoding}, and a client that takes neither a sibling nor the file gets 406.
     */
    public StaticFiles precompressed() {
        return with(new Settings(
                settings.index, settings.types, settings.rules, true, settings.listing, settings.singlePage));
    }

    /**
     * How many bytes of files that clients ask for often are kept in memory, of files of up to 256 KiB. A kept file is used only if it
     * has not changed on disk.
     *
     * @param maxBytes 0 keeps none; default 16 MiB, or a 32nd of the largest heap if that is less
     */
    public StaticFiles keepInMemory(long maxBytes) {
        if (maxBytes < 0) {
            throw new IllegalArgumentException("maxBytes must be 0 or more, but is " + maxBytes);
        }
        return new StaticFiles(folder, settings, new KeptFiles.Limits(maxBytes, limits.age()));
    }

    /**
     * For how long a kept file is sent without a look whether it has changed. Default zero: each request looks. With a second, say, a
     * request for a file that is kept needs no system call for it, and a change shows a second late.
     *
     * @param age zero or more, up to a day
     */
    public StaticFiles lookAgainAfter(Duration age) {
        if (age.isNegative() || age.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("age must be zero to a day, but is " + age);
        }
        return new StaticFiles(folder, settings, new KeptFiles.Limits(limits.maxBytes(), age));
    }

    /** Lists what is served of a folder without an index. Off unless this is called. */
    public StaticFiles listing() {
        return with(new Settings(
                settings.index, settings.types, settings.rules, settings.precompressed, true, settings.singlePage));
    }

    /**
     * Sends this file where there is none, if the last segment of the path has no dot: for pages whose scripts read the path. Files of
     * other names are still 404 if they are missing.
     *
     * @param file its path in the folder
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
        String path = "/" + String.join("/", settings.singlePage); // no request's: those have no slash in front
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

    /** By coding, the best first. One that is older than its file was made of another. */
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
        Response response =
                (look == null ? Response.file(file.path()) : look.response(file)).header("Content-Type", type.text());
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
