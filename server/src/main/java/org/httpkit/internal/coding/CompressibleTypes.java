package org.httpkit.internal.coding;

import java.util.Locale;
import java.util.Set;

/** The media types whose content shrinks when it is compressed. Stateless. */
public final class CompressibleTypes {
    private static final Set<String> APPLICATION = Set.of(
            "graphql",
            "javascript",
            "json",
            "jsonlines",
            "ld+json",
            "ndjson",
            "rtf",
            "sql",
            "toml",
            "vnd.ms-fontobject",
            "wasm",
            "x-httpd-php",
            "x-javascript",
            "x-ndjson",
            "x-sh",
            "x-www-form-urlencoded",
            "xml",
            "xml-dtd",
            "yaml");
    private static final Set<String> OTHERS = Set.of(
            "font/otf",
            "font/ttf",
            "image/bmp",
            "image/svg+xml",
            "image/vnd.microsoft.icon",
            "image/x-icon",
            "model/gltf+json",
            "model/obj",
            "model/stl");

    private CompressibleTypes() {}

    /**
     * Whether content of that type shrinks when compressed.
     *
     * @param contentType the value of Content-Type
     * @param more further types, in lower case
     */
    public static boolean contain(String contentType, Set<String> more) {
        int end = contentType.indexOf(';');
        String type =
                (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        return type.startsWith("text/")
                || (type.startsWith("application/") && APPLICATION.contains(type.substring(12)))
                || type.endsWith("+json")
                || type.endsWith("+xml")
                || type.endsWith("+text")
                || OTHERS.contains(type)
                || more.contains(type);
    }
}
