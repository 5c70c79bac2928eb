package org.httpkit.examples;

import java.nio.file.Path;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;

/** Sends a file to save. It may be of any size: it never passes through the heap. */
final class Download implements Handler {
    private final Path file;

    Download(Path file) {
        this.file = file;
    }

    @Override
    public Response handle(Request request) {
        return Response.file(file).header("Content-Disposition", "attachment; filename=\"" + file.getFileName() + "\"");
    }
}
