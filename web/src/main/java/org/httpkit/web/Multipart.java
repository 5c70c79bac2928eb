package org.httpkit.web;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * Reads forms with files: {@code multipart/form-data} (RFC 7578). Immutable: each method returns a changed one.
 *
 * <pre>{@code
 * Routes.of().post("/photos", Multipart.of().collected((request, form) -> {
 *     form.file("photo").saveTo(folder.resolve(newName()));
 *     return Response.text("Thanks for " + form.value("title"));
 * }));
 * }</pre>
 *
 * <p>The handlers made here read the body as it arrives, so {@code maxBodyBytes} of the server does not apply, but
 * {@code maxStreamedBodyBytes} does. A form that breaks a rule gets the status of its {@link MultipartViolation}; a
 * form that exceeds a limit gets 413. If the handler has begun its response by then, the server cuts it.
 *
 * <p>Each limit is 1 or more, {@link #memoryBytes} 0 or more; other values throw {@link IllegalArgumentException}.
 */
public final class Multipart {
    private static final Multipart DEFAULT =
            new Multipart(new MultipartParser.Limits(1000, 8 * 1024, 16L << 20, 64L << 20), 256 * 1024, 1 << 20, null);

    /** Answers a request after its form has been collected. */
    @FunctionalInterface
    public interface FormHandler {
        /** The response; see {@link Handler#handle}. */
        @Nullable
        Response handle(Request request, Form form) throws Exception;
    }

    /** Answers a request and reads its form. */
    @FunctionalInterface
    public interface PartsHandler {
        /** The response; see {@link Handler#handle}. */
        @Nullable
        Response handle(Request request, Parts parts) throws Exception;
    }

    private final MultipartParser.Limits limits;
    private final long memoryBytes;
    private final long headerMemoryBytes;
    private final @Nullable Path spillFolder;

    private Multipart(
            MultipartParser.Limits limits, long memoryBytes, long headerMemoryBytes, @Nullable Path spillFolder) {
        this.limits = limits;
        this.memoryBytes = memoryBytes;
        this.headerMemoryBytes = headerMemoryBytes;
        this.spillFolder = spillFolder;
    }

    /** Default limits. */
    public static Multipart of() {
        return DEFAULT;
    }

    /** The most parts of a form. Default 1000. */
    public Multipart maxParts(int maxParts) {
        require("maxParts", maxParts, 1);
        return with(new MultipartParser.Limits(
                maxParts, limits.maxHeaderBytes(), limits.maxPartBytes(), limits.maxTotalBytes()));
    }

    /** The longest header of a part, including line ends, in bytes. Default 8 KiB. */
    public Multipart maxHeaderBytes(int maxHeaderBytes) {
        require("maxHeaderBytes", maxHeaderBytes, 1);
        return with(new MultipartParser.Limits(
                limits.maxParts(), maxHeaderBytes, limits.maxPartBytes(), limits.maxTotalBytes()));
    }

    /** The longest part, in bytes. Default 16 MiB. */
    public Multipart maxPartBytes(long maxPartBytes) {
        require("maxPartBytes", maxPartBytes, 1);
        return with(new MultipartParser.Limits(
                limits.maxParts(), limits.maxHeaderBytes(), maxPartBytes, limits.maxTotalBytes()));
    }

    /** The longest body, including delimiters and header fields, in bytes. Default 64 MiB. */
    public Multipart maxTotalBytes(long maxTotalBytes) {
        require("maxTotalBytes", maxTotalBytes, 1);
        return with(new MultipartParser.Limits(
                limits.maxParts(), limits.maxHeaderBytes(), limits.maxPartBytes(), maxTotalBytes));
    }

    /**
     * How many bytes of the content of a collected form stay in memory; parts that do not fit go to files. Default 256
     * KiB. The header fields come on top: see {@link #headerMemoryBytes}.
     */
    public Multipart memoryBytes(long memoryBytes) {
        require("memoryBytes", memoryBytes, 0);
        return new Multipart(limits, memoryBytes, headerMemoryBytes, spillFolder);
    }

    /**
     * How many bytes of memory the header fields of all parts of a collected form may take, since they never go to
     * files. Default 1 MiB. It is an estimate, with a few hundred bytes for each part and two for each character. A form
     * with more gets 413. A form that is {@link #streamed} holds those of one part at a time, and has no such limit.
     */
    public Multipart headerMemoryBytes(long headerMemoryBytes) {
        require("headerMemoryBytes", headerMemoryBytes, 1);
        return new Multipart(limits, memoryBytes, headerMemoryBytes, spillFolder);
    }

    /** The folder for the files of collected forms. Default: the system's temporary folder. */
    public Multipart spillTo(Path folder) {
        return new Multipart(limits, memoryBytes, headerMemoryBytes, Objects.requireNonNull(folder, "folder"));
    }

    /**
     * A handler that collects the form before it calls another one. It removes the form's files when that handler has
     * returned, or when its {@link Response#later later} response has arrived: save what you want to keep.
     */
    public Handler collected(FormHandler handler) {
        Objects.requireNonNull(handler, "handler");
        return reading(request -> {
            Form form = collect(request);
            boolean isLater = false;
            try {
                Response response = handler.handle(request, form);
                if (response != null && response.body() instanceof ResponseBody.Later later) {
                    isLater = true;
                    return response.body(
                            new ResponseBody.Later(later.response().whenComplete((late, failure) -> form.close())));
                }
                return response;
            } finally {
                if (!isLater) {
                    form.close();
                }
            }
        });
    }

    /**
     * A handler that passes the parts to another one as they arrive, in constant memory, no matter how long the form
     * is.
     */
    public Handler streamed(PartsHandler handler) {
        Objects.requireNonNull(handler, "handler");
        return reading(request -> handler.handle(request, parts(request)));
    }

    /**
     * Reads the whole form, for handlers that do without {@link #collected}. The caller closes it.
     *
     * @throws MultipartException if the request has no such form, or the form breaks a rule or exceeds a limit
     * @throws IOException if the body cannot be read, or a file cannot be written
     */
    public Form collect(Request request) throws IOException {
        return new FormCollector(memoryBytes, headerMemoryBytes, spillFolder).collect(parts(request));
    }

    /**
     * The parts of the form, for handlers that do without {@link #streamed}.
     *
     * @throws MultipartException if the request has no such form
     */
    public Parts parts(Request request) throws MultipartException {
        MultipartParser parser = MultipartParser.of(request.header("Content-Type"), limits);
        return new Parts(parser, request.body().stream());
    }

    private static Handler reading(Handler handler) {
        return Handler.streaming(request -> {
            WatchedRequest watched = new WatchedRequest(request);
            try {
                return handler.handle(watched);
            } catch (MultipartException e) {
                if (watched.isTakenOver()) {
                    throw e;
                }
                return Response.text(e.violation().reason() + "\n")
                        .status(e.violation().status());
            }
        });
    }

    private Multipart with(MultipartParser.Limits changed) {
        return new Multipart(changed, memoryBytes, headerMemoryBytes, spillFolder);
    }

    private static void require(String name, long value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be " + least + " or more");
        }
    }
}
