package org.httpkit.web;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The media types of files, by the extensions of their names. Immutable. */
final class MediaTypes {

    /**
     * A value for {@code Content-Type}.
     *
     * @param shrinks whether compression makes files of this type smaller
     */
    record MediaType(String text, boolean shrinks) {}

    private static final MediaType UNKNOWN = new MediaType("application/octet-stream", true);
    private static final String UTF_8 = "; charset=utf-8";

    /** A type and its extensions on each line: the types of text, which is in UTF-8. */
    private static final String TEXTS = """
            text/plain txt log text conf ini toml adoc rst properties
            text/html html htm
            text/css css
            text/javascript js mjs cjs
            text/csv csv
            text/tab-separated-values tsv
            text/markdown md markdown
            text/yaml yaml yml
            text/vtt vtt
            text/calendar ics
            text/vcard vcf
            text/x-sh sh
            text/x-java-source java
            text/plain srt
            """;

    /** As above: types that compression makes smaller, and that state their charset themselves or have none. */
    private static final String SHRINKING = """
            application/json json map
            application/ld+json jsonld
            application/geo+json geojson
            application/manifest+json webmanifest
            application/x-ndjson ndjson jsonl
            application/xml xml xsl xsd
            application/xhtml+xml xhtml xht
            application/atom+xml atom
            application/rss+xml rss
            application/gpx+xml gpx
            application/vnd.google-earth.kml+xml kml
            image/svg+xml svg
            application/wasm wasm
            image/vnd.microsoft.icon ico
            image/bmp bmp
            font/ttf ttf
            font/otf otf
            font/collection ttc
            application/vnd.ms-fontobject eot
            application/rtf rtf
            application/sql sql
            application/x-tar tar
            audio/wav wav
            model/gltf+json gltf
            model/gltf-binary glb
            model/stl stl
            model/obj obj
            application/postscript ps eps ai
            application/msword doc
            application/vnd.ms-excel xls
            application/vnd.ms-powerpoint ppt
            """;

    /** As above: types that are compressed already. */
    private static final String COMPRESSED = """
            image/png png
            image/jpeg jpg jpeg jfif
            image/gif gif
            image/webp webp
            image/avif avif
            image/apng apng
            image/jxl jxl
            image/heic heic
            image/tiff tif tiff
            font/woff woff
            font/woff2 woff2
            audio/mpeg mp3
            audio/mp4 m4a
            audio/aac aac
            audio/ogg ogg oga opus
            audio/flac flac
            audio/webm weba
            audio/midi mid midi
            video/mp4 mp4 m4v
            video/webm webm
            video/ogg ogv
            video/quicktime mov
            video/x-msvideo avi
            video/matroska mkv
            video/mpeg mpeg mpg
            video/mp2t ts m2ts
            application/vnd.apple.mpegurl m3u8
            application/dash+xml mpd
            application/pdf pdf
            application/zip zip
            application/gzip gz tgz
            application/x-bzip2 bz2
            application/x-xz xz
            application/zstd zst
            application/x-7z-compressed 7z
            application/vnd.rar rar
            application/java-archive jar war
            application/epub+zip epub
            application/vnd.openxmlformats-officedocument.wordprocessingml.document docx
            application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx
            application/vnd.openxmlformats-officedocument.presentationml.presentation pptx
            application/vnd.oasis.opendocument.text odt
            application/vnd.oasis.opendocument.spreadsheet ods
            application/vnd.oasis.opendocument.presentation odp
            application/vnd.android.package-archive apk
            application/x-apple-diskimage dmg
            """;

    static final MediaTypes USUAL = new MediaTypes(usual());

    private final Map<String, MediaType> byExtension;

    private MediaTypes(Map<String, MediaType> byExtension) {
        this.byExtension = byExtension;
    }

    /** Returns these types and one more; one that is not known to be compressed may shrink. */
    MediaTypes with(String extension, String type) {
        Map<String, MediaType> more = new HashMap<>(byExtension);
        more.put(extension.toLowerCase(Locale.ROOT), new MediaType(type, true));
        return new MediaTypes(Map.copyOf(more));
    }

    /** The type of a file with this name. */
    MediaType of(String fileName) {
        int dot = fileName.lastIndexOf('.');
        if (dot < 0) {
            return UNKNOWN;
        }
        String extension = fileName.substring(dot + 1).toLowerCase(Locale.ROOT);
        return byExtension.getOrDefault(extension, UNKNOWN);
    }

    /** The number of types. */
    long count() {
        return byExtension.values().stream().distinct().count();
    }

    private static Map<String, MediaType> usual() {
        Map<String, MediaType> types = new HashMap<>();
        add(types, TEXTS, UTF_8, true);
        add(types, SHRINKING, "", true);
        add(types, COMPRESSED, "", false);
        return Map.copyOf(types);
    }

    private static void add(Map<String, MediaType> types, String table, String suffix, boolean shrinks) {
        for (String line : table.split("\n", -1)) {
            String[] words = line.split(" ", -1);
            MediaType type = new MediaType(words[0] + suffix, shrinks);
            for (int i = 1; i < words.length; i++) {
                types.put(words[i], type);
            }
        }
    }
}
