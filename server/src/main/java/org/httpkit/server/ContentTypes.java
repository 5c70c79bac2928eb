package org.httpkit.server;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.httpkit.http.Headers;

/** The media types of the files that web pages are made of, by extension. */
final class ContentTypes {
    private static final Headers UNKNOWN = contentType("application/octet-stream");

    private static final Map<String, Headers> BY_EXTENSION = Map.ofEntries(
            Map.entry("avif", contentType("image/avif")),
            Map.entry("css", contentType("text/css; charset=utf-8")),
            Map.entry("csv", contentType("text/csv; charset=utf-8")),
            Map.entry("gif", contentType("image/gif")),
            Map.entry("gz", contentType("application/gzip")),
            Map.entry("htm", contentType("text/html; charset=utf-8")),
            Map.entry("html", contentType("text/html; charset=utf-8")),
            Map.entry("ico", contentType("image/vnd.microsoft.icon")),
            Map.entry("jpeg", contentType("image/jpeg")),
            Map.entry("jpg", contentType("image/jpeg")),
            Map.entry("js", contentType("text/javascript; charset=utf-8")),
            Map.entry("json", contentType("application/json")),
            Map.entry("map", contentType("application/json")),
            Map.entry("md", contentType("text/markdown; charset=utf-8")),
            Map.entry("mjs", contentType("text/javascript; charset=utf-8")),
            Map.entry("mp3", contentType("audio/mpeg")),
            Map.entry("mp4", contentType("video/mp4")),
            Map.entry("ogg", contentType("audio/ogg")),
            Map.entry("otf", contentType("font/otf")),
            Map.entry("pdf", contentType("application/pdf")),
            Map.entry("png", contentType("image/png")),
            Map.entry("svg", contentType("image/svg+xml")),
            Map.entry("tar", contentType("application/x-tar")),
            Map.entry("ttf", contentType("font/ttf")),
            Map.entry("txt", contentType("text/plain; charset=utf-8")),
            Map.entry("wasm", contentType("application/wasm")),
            Map.entry("webm", contentType("video/webm")),
            Map.entry("webmanifest", contentType("application/manifest+json")),
            Map.entry("webp", contentType("image/webp")),
            Map.entry("woff", contentType("font/woff")),
            Map.entry("woff2", contentType("font/woff2")),
            Map.entry("xml", contentType("application/xml")),
            Map.entry("zip", contentType("application/zip")));

    private ContentTypes() {}

    static Headers headersFor(Path path) {
        Path fileName = path.getFileName();
        String name = fileName == null ? "" : fileName.toString();
        String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return BY_EXTENSION.getOrDefault(extension, UNKNOWN);
    }

    private static Headers contentType(String type) {
        return Headers.of("Content-Type", type);
    }
}
