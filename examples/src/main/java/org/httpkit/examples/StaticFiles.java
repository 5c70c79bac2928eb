package org.httpkit.examples;

import java.nio.file.Files;
import java.nio.file.Path;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** Serves the files of one folder, and nothing outside of it. */
final class StaticFiles implements Handler {
    private final String prefix;
    private final Path folder;

    /** @param prefix what the request's path begins with, before the file's name */
    StaticFiles(String prefix, Path folder) {
        this.prefix = prefix;
        this.folder = folder.normalize();
    }

    @Override
    public @Nullable Response handle(Request request) {
        Path file = folder.resolve(request.path().substring(prefix.length())).normalize();
        // "..", or a second slash, leads out of the folder. Null is 404.
        return file.startsWith(folder) && Files.isRegularFile(file) ? Response.file(file) : null;
    }
}
