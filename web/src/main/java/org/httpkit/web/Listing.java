package org.httpkit.web;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.server.Response;

/** Makes a page with the names in a folder. Pure except that it reads the folder. */
final class Listing {
    /** Names read at most: a longer page would be of no use. */
    private static final int MAX_NAMES = 10_000;

    private Listing() {}

    /**
     * The page of a folder.
     *
     * @param folder where it is
     * @param names the folder's names from the top, all of them served
     * @param isTop whether there is no folder above to link to
     */
    static Response of(FileFolder files, Path folder, List<String> names, boolean isTop) throws IOException {
        List<String> entries = new ArrayList<>();
        boolean isWhole = true;
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder)) {
            for (Path path : paths) {
                if (entries.size() == MAX_NAMES) {
                    isWhole = false;
                    break;
                }
                String entry = entry(files, names, String.valueOf(path.getFileName()));
                if (!entry.isEmpty()) {
                    entries.add(entry);
                }
            }
        }
        entries.sort(null);
        String title = "/" + String.join("/", names);
        StringBuilder page = new StringBuilder("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>")
                .append(escaped(title))
                .append("</title>\n<h1>")
                .append(escaped(title))
                .append("</h1>\n<ul>\n");
        if (!isTop) {
            page.append("<li><a href=\"../\">../</a>\n");
        }
        for (String entry : entries) {
            boolean isFolder = entry.endsWith("/");
            String name = isFolder ? entry.substring(0, entry.length() - 1) : entry;
            page.append("<li><a href=\"./") // or a colon in the name would end a scheme
                    .append(escaped(PathText.encode(name)))
                    .append(isFolder ? "/" : "")
                    .append("\">")
                    .append(escaped(entry))
                    .append("</a>\n");
        }
        page.append("</ul>\n");
        if (!isWhole) {
            page.append("<p>and more\n");
        }
        return Response.html(page.toString());
    }

    /** The name, with a slash for a folder; empty if it is not served. */
    private static String entry(FileFolder files, List<String> names, String name) {
        String bare = name.endsWith("/") ? name.substring(0, name.length() - 1) : name; // as those of folders in jars
        if (!FileNames.isServed(bare)) {
            return "";
        }
        List<String> whole = new ArrayList<>(names);
        whole.add(bare);
        FileFolder.Found found = files.find(whole);
        if (found == null) {
            return "";
        }
        return found.attributes().isDirectory()
                ? bare + "/"
                : found.attributes().isRegularFile() ? bare : "";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
