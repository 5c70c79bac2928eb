package org.httpkit.internal.exchange;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.fields.HttpDate;
import org.httpkit.internal.files.OpenFile;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;

/**
 * Sends one response of any kind. Used by the thread that answers; bodies that must be read from a stream go to the
 * worker.
 *
 * <p>It comes in layers: {@link ContentWriter} sends content that is available as a whole, {@link StreamWriter} content
 * that must be read or encoded, and this class decides between them. It applies first the coding, then the conditions,
 * then the ranges, each to the result of the one before.
 */
public final class ResponseWriter extends StreamWriter {
    /** Whether the server has asked the application for an error page, which it does once. */
    private boolean shaped;

    public ResponseWriter(AnswerProgress answer, HttpStream stream) {
        super(answer, stream);
    }

    /** Ends the exchange in any case: with this response, with 500, or by closing the connection. */
    @Override
    public void write(Response response) {
        answer.responding();
        try {
            begin(response, response.body());
        } catch (IOException | RuntimeException | Error e) {
            // Mostly before anything was sent: an invalid field, or a body whose length fails.
            answer.context().observer.handlerFailed(answer.request(), e);
            if (response == Responses.INTERNAL_ERROR || isSent) {
                answer.abort(response.status().code(), e);
            } else {
                writeError(Responses.INTERNAL_ERROR);
            }
        }
    }

    /**
     * Sends an answer that comes from the server itself, shaped by the application; if that fails, sends the plain one.
     */
    @Override
    public void writeError(Response plain) {
        if (shaped || answer.context().options.errorPages() == null) {
            write(plain);
            return;
        }
        shaped = true;
        if (plain == Responses.OVERLOADED || !answer.onWorker(() -> write(shape(plain)))) {
            write(plain == Responses.OVERLOADED ? answer.context().overloadedPage(plain) : plain);
        }
    }

    private Response shape(Response plain) {
        String reason = plain.status().reason();
        return ErrorAnswers.shaped(answer.context(), plain, reason, answer.request());
    }

    private void begin(Response response, ResponseBody body) throws IOException {
        if (body instanceof ResponseBody.File file) {
            answer.runBlocking(() -> writeFile(response, file.path()));
        } else if (answer.context().codes()) {
            beginVariant(response, body instanceof ResponseBody.Text text ? bytesOf(text) : body);
        } else {
            beginPlain(response, body);
        }
    }

    private static ResponseBody bytesOf(ResponseBody.Text text) {
        return new ResponseBody.Bytes(text.text().getBytes(StandardCharsets.UTF_8));
    }

    private void beginVariant(Response response, ResponseBody body) throws IOException {
        Variant variant = Variant.of(answer.request(), response, lengthOf(body), answer.context());
        switch (variant.kind()) {
            case PLAIN -> beginPlain(variant.response(), body);
            case CODED -> writeCoded(variant, body);
            case REFUSED -> {
                closeUnused(body);
                writeError(variant.response());
            }
        }
    }

    private static long lengthOf(ResponseBody body) {
        if (body instanceof ResponseBody.Bytes bytes) {
            return bytes.bytes().length;
        }
        if (body instanceof ResponseBody.Buffer buffer) {
            return buffer.bytes().remaining();
        }
        if (body instanceof ResponseBody.Stream stream) {
            return stream.length();
        }
        return body == ResponseBody.Empty.EMPTY ? 0 : Selection.UNKNOWN;
    }

    private void beginPlain(Response response, ResponseBody body) throws IOException {
        if (body instanceof ResponseBody.Text text) {
            writeBytes(response, text.text().getBytes(StandardCharsets.UTF_8));
        } else if (body instanceof ResponseBody.Bytes bytes) {
            writeBytes(response, bytes.bytes());
        } else if (body instanceof ResponseBody.Empty) {
            writeEmpty(response);
        } else if (body instanceof ResponseBody.Buffer buffer) {
            writeContent(response, new Content.OfBuffer(buffer.bytes()));
        } else {
            selectStreamed(response, body);
        }
    }

    // ---- files

    private void writeFile(Response response, Path path) {
        OpenFile file;
        try {
            file = OpenFile.open(path);
        } catch (Throwable e) {
            answer.context().observer.handlerFailed(answer.request(), e);
            writeError(Responses.INTERNAL_ERROR);
            return;
        }
        if (file == null) {
            writeError(Responses.NOT_FOUND);
            return;
        }
        Content content = new Content.OfFile(path, file.channel(), file.length(), fault -> answer.context()
                .observer
                .handlerFailed(answer.request(), fault));
        try {
            writeFile(response, file, content);
        } catch (Throwable e) { // also for an invalid field: nothing else would report it
            answer.context().observer.handlerFailed(answer.request(), e);
            if (isSent) {
                answer.abort(response.status().code(), e);
            } else {
                content.discard();
                writeError(Responses.INTERNAL_ERROR);
            }
        }
    }

    private void writeFile(Response response, OpenFile file, Content content) throws IOException {
        if (!file.isSmall()) {
            writeLargeFile(validated(response, file), file, content);
            return;
        }
        byte[] bytes = file.contentAsTold();
        if (bytes == null) {
            begin(response, new ResponseBody.Stream(file.content(), -1)); // on the worker: the client may be slow
        } else {
            content.release();
            begin(bytes.length == file.length() ? validated(response, file) : response, new ResponseBody.Bytes(bytes));
        }
    }

    private void writeLargeFile(Response response, OpenFile file, Content content) throws IOException {
        Variant variant = answer.context().codes()
                ? Variant.of(answer.request(), response, file.length(), answer.context())
                : null;
        if (variant == null) {
            writeContent(response, content);
            return;
        }
        switch (variant.kind()) {
            case PLAIN -> writeContent(variant.response(), content);
            case CODED -> writeCoded(variant, new ResponseBody.Stream(file.content(), file.length()));
            case REFUSED -> {
                content.release();
                writeError(variant.response());
            }
        }
    }

    /** Adds the file's validators, unless the handler set them. */
    private Response validated(Response response, OpenFile file) {
        String tag = file.tag();
        if (tag == null || response.status().code() != Status.OK.code() || !isConditional(response)) {
            return response;
        }
        Headers fields = response.headers();
        if (!fields.contains("ETag")) {
            fields = fields.plus("ETag", tag);
        }
        if (!fields.contains("Last-Modified") && file.modifiedSecond() >= 0) {
            // Never later than Date (RFC 9110 section 8.8.2.1).
            long second = Math.min(file.modifiedSecond(), answer.context().heads.nowSecond());
            fields = fields.plus("Last-Modified", HttpDate.text(second));
        }
        return response.headers(fields);
    }

    private boolean isConditional(Response response) {
        return response.isConditional(answer.request().method());
    }
}
