package org.httpkit.internal.exchange;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.fields.HttpDate;
import org.httpkit.internal.files.OpenFile;
import org.httpkit.internal.net.BytesSegment;
import org.httpkit.internal.net.Segment;
import org.httpkit.internal.representation.ByteRange;
import org.httpkit.internal.representation.ByteRanges;
import org.httpkit.internal.representation.MultipartRanges;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.jspecify.annotations.Nullable;

/** Sends one response of any kind. Used by the thread that answers; bodies that have to be pulled go to the worker. */
public final class ResponseWriter {
    private final AnswerProgress answer;
    private final HttpStream stream;

    public ResponseWriter(AnswerProgress answer, HttpStream stream) {
        this.answer = answer;
        this.stream = stream;
    }

    /** Ends the exchange in any case: with this response, with 500, or by closing the connection. */
    public void write(Response response) {
        answer.responding();
        try {
            begin(response, response.body());
        } catch (IOException | RuntimeException | Error e) {
            // Before anything was sent: a field that cannot be written, or a body that fails to tell its length.
            answer.context().observer.handlerFailed(answer.request(), e);
            if (response == Responses.INTERNAL_ERROR) {
                answer.abort(response.status().code(), e);
            } else {
                write(Responses.INTERNAL_ERROR);
            }
        }
    }

    private void begin(Response response, ResponseBody body) throws IOException {
        if (body instanceof ResponseBody.Text text) {
            writeBytes(response, text.text().getBytes(StandardCharsets.UTF_8));
        } else if (body instanceof ResponseBody.Bytes bytes) {
            writeBytes(response, bytes.bytes());
        } else if (body instanceof ResponseBody.Empty) {
            writeEmpty(response);
        } else if (body instanceof ResponseBody.Buffer buffer) {
            writeContent(response, new Content.OfBuffer(buffer.bytes()));
        } else if (body instanceof ResponseBody.File file) {
            answer.runBlocking(() -> writeFile(response, file.path()));
        } else {
            selectStreamed(response, body);
        }
    }

    private void onWorker(ResponseBody body, Runnable task) {
        if (!answer.onWorker(task)) {
            answer.context().observer.workerSaturated(answer.request());
            closeBody(body);
            write(Responses.OVERLOADED);
        }
    }

    // ---- bodies that are all there

    private void writeBytes(Response response, byte[] body) throws IOException {
        if (Selection.isPossible(answer.request(), response)) {
            writeContent(response, new Content.OfBytes(body));
        } else if (body.length <= Content.TOGETHER_BYTES) {
            writeWhole(response, body, body.length, null);
        } else {
            writeWhole(response, null, body.length, new BytesSegment(body, 0, body.length));
        }
    }

    private void writeEmpty(Response response) {
        Response selected = response;
        if (Selection.isPossible(answer.request(), response)) {
            Selection selection = select(response, Selection.UNKNOWN, 0);
            if (selection.isWord()) {
                writeWord(selection);
                return;
            }
            selected = selection.response();
        }
        writeWhole(selected, null, 0, null);
    }

    /** Sends what of the content is asked for, and lets go of it. */
    private void writeContent(Response response, Content content) throws IOException {
        if (!Selection.isPossible(answer.request(), response)) {
            writePart(response, content, 0, content.length());
            return;
        }
        Selection selection = select(response, content.length(), ByteRanges.MOST);
        if (selection.isWord()) {
            content.release();
            writeWord(selection);
        } else if (selection.layout() != null) {
            writeParts(selection.response(), content, selection.layout());
        } else if (selection.isCut()) {
            ByteRange range = selection.ranges().get(0);
            writePart(selection.response(), content, range.first(), range.length());
        } else {
            writePart(selection.response(), content, 0, content.length());
        }
    }

    private Selection select(Response response, long length, int mostRanges) {
        return Selection.of(
                answer.request(),
                response,
                length,
                mostRanges,
                answer.context().heads.nowSecond());
    }

    /** Sends what is said instead of the content: nothing of it has been sent. */
    private void writeWord(Selection selection) {
        Response word = selection.response();
        if (word.body() instanceof ResponseBody.Text text) {
            byte[] bytes = text.text().getBytes(StandardCharsets.UTF_8);
            writeWhole(word, bytes, bytes.length, null);
        } else {
            writeWhole(word, null, 0, null);
        }
    }

    /** The content is let go of before the part leaves, so that a file is closed when that has left. */
    private void writePart(Response response, Content content, long from, long count) throws IOException {
        byte[] small = null;
        Segment large = null;
        if (count <= content.copiedBytes()) {
            small = content.copyOf(from, (int) count);
        } else if (stream.hasContent(response, count)) {
            large = content.segment(from, count);
        }
        content.release();
        writeWhole(response, small, count, large);
    }

    /** Sends the head with either the small body or the large one behind it. */
    private void writeWhole(Response response, byte @Nullable [] small, long length, @Nullable Segment large) {
        if (stream.whole(response, length, small, large)) {
            answer.sent(length);
        }
        answer.end(response.status().code());
    }

    /** Sends several ranges, the small ones together with what stands around them. */
    private void writeParts(Response response, Content content, MultipartRanges layout) throws IOException {
        PartsOutput out = new PartsOutput(stream, response, layout.totalBytes());
        try {
            for (int i = 0; i < layout.ranges().size(); i++) {
                out.add(layout.head(i));
                ByteRange range = layout.ranges().get(i);
                if (range.length() <= content.copiedBytes()) {
                    out.add(content.copyOf(range.first(), (int) range.length()));
                } else {
                    out.add(content.segment(range.first(), range.length()));
                }
            }
            content.release();
        } catch (IOException e) {
            if (!out.isBegun()) {
                throw e;
            }
            answer.context().observer.handlerFailed(answer.request(), e);
            answer.abort(response.status().code(), e);
            return;
        }
        out.add(layout.end());
        out.end();
        answer.sent(layout.totalBytes());
        answer.end(response.status().code());
    }

    // ---- files

    private void writeFile(Response response, Path path) {
        OpenFile file;
        try {
            file = OpenFile.open(path);
        } catch (Throwable e) {
            answer.context().observer.handlerFailed(answer.request(), e);
            write(Responses.INTERNAL_ERROR);
            return;
        }
        if (file == null) {
            write(Responses.NOT_FOUND);
            return;
        }
        Content content = new Content.OfFile(path, file.channel(), file.length(), fault -> answer.context()
                .observer
                .handlerFailed(answer.request(), fault));
        try {
            writeFile(response, file, content);
        } catch (Throwable e) { // also of a field that cannot be written: nobody else sees it
            content.discard();
            answer.context().observer.handlerFailed(answer.request(), e);
            write(Responses.INTERNAL_ERROR);
        }
    }

    private void writeFile(Response response, OpenFile file, Content content) throws IOException {
        if (!file.isSmall()) {
            writeContent(validated(response, file), content);
            return;
        }
        byte[] bytes = file.contentAsTold();
        if (bytes == null) {
            begin(response, new ResponseBody.Stream(file.content(), -1)); // on the worker: the client may be slow
        } else {
            content.release();
            writeBytes(bytes.length == file.length() ? validated(response, file) : response, bytes);
        }
    }

    /** Tells what the state of the file is known by, where its handler leaves that to us. */
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

    // ---- bodies that are pulled

    /** Decides what of it is asked for, and has that pulled. Of a stream that knows its length this may be one range. */
    private void selectStreamed(Response response, ResponseBody body) {
        if (!Selection.isPossible(answer.request(), response)) {
            onWorker(body, () -> writeStreamed(response, body));
            return;
        }
        boolean knowsLength = body instanceof ResponseBody.Stream stream && stream.length() >= 0;
        long length = body instanceof ResponseBody.Stream stream ? stream.length() : Selection.UNKNOWN;
        Selection selection = select(response, length, 1);
        if (selection.isWord()) {
            closeBody(body);
            writeWord(selection);
        } else if (selection.isCut() && knowsLength) {
            ByteRange range = selection.ranges().get(0);
            ResponseBody part = new ResponseBody.Stream(
                    new PartStream(((ResponseBody.Stream) body).stream(), range.first()), range.length());
            onWorker(part, () -> writeStreamed(selection.response(), part));
        } else {
            onWorker(body, () -> writeStreamed(selection.response(), body));
        }
    }

    private void writeStreamed(Response response, ResponseBody body) {
        long length = body instanceof ResponseBody.Stream stream ? stream.length() : -1;
        BodyOutput out = new BodyOutput(answer, stream, response, length);
        boolean pulled = false;
        try {
            if (stream.hasContent(response, length)) {
                pulled = true;
                pull(body, out);
            }
            out.finish();
        } catch (Throwable e) {
            streamFailed(response, out, e);
        } finally {
            if (!pulled) {
                closeBody(body);
            }
        }
    }

    private static void pull(ResponseBody body, BodyOutput out) throws Exception {
        if (body instanceof ResponseBody.Written written) {
            written.writer().writeTo(out);
        } else {
            BodySource.pull(body, out::send);
        }
    }

    private void streamFailed(Response response, BodyOutput out, Throwable failure) {
        if (out.isBroken()) {
            answer.abort(response.status().code(), failure, new IOException("The client has gone", failure));
            return;
        }
        answer.context().observer.handlerFailed(answer.request(), failure);
        if (out.isBegun()) {
            answer.abort(response.status().code(), failure);
        } else {
            write(Responses.INTERNAL_ERROR);
        }
    }

    /** A stream is closed in any case, also if nobody wants its bytes. */
    private static void closeBody(ResponseBody body) {
        if (body instanceof ResponseBody.Stream stream) {
            close(stream.stream());
        }
    }

    private static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception ignored) {
            // It was only read from: nothing is lost.
        }
    }
}
