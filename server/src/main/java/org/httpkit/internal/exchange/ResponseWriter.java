package org.httpkit.internal.exchange;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.httpkit.http.Headers;
import org.httpkit.internal.files.OpenFile;
import org.httpkit.internal.net.BufferSegment;
import org.httpkit.internal.net.BytesSegment;
import org.httpkit.internal.net.FileSegment;
import org.httpkit.internal.net.Segment;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.jspecify.annotations.Nullable;

/** Sends one response of any kind. Used by the thread that answers; bodies that have to be pulled go to the worker. */
public final class ResponseWriter {
    /** Bodies up to this size leave in one write with their head. */
    private static final int TOGETHER_BYTES = 32 * 1024;

    private static final byte[] NOTHING = {};

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
        } catch (RuntimeException | Error e) {
            // Before anything was sent: a field that cannot be written, or a body that fails to tell its length.
            answer.context().observer.handlerFailed(answer.request(), e);
            if (response == Responses.INTERNAL_ERROR) {
                answer.abort(response.status().code(), e);
            } else {
                write(Responses.INTERNAL_ERROR);
            }
        }
    }

    private void begin(Response response, ResponseBody body) {
        if (body instanceof ResponseBody.Text text) {
            writeWhole(response, text.text().getBytes(StandardCharsets.UTF_8));
        } else if (body instanceof ResponseBody.Bytes bytes) {
            writeWhole(response, bytes.bytes());
        } else if (body instanceof ResponseBody.Empty) {
            writeWhole(response, null, 0, null);
        } else if (body instanceof ResponseBody.Buffer buffer) {
            writeBuffer(response, buffer.bytes());
        } else if (body instanceof ResponseBody.File file) {
            answer.runBlocking(() -> writeFile(response, file.path()));
        } else {
            onWorker(body, () -> writeStreamed(response, body));
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

    private void writeWhole(Response response, byte[] body) {
        if (body.length <= TOGETHER_BYTES) {
            writeWhole(response, body, body.length, null);
        } else {
            writeWhole(response, null, body.length, new BytesSegment(body, 0, body.length));
        }
    }

    private void writeBuffer(Response response, ByteBuffer body) {
        int length = body.remaining();
        if (length <= TOGETHER_BYTES) {
            byte[] copy = new byte[length];
            body.duplicate().get(copy);
            writeWhole(response, copy, length, null);
        } else {
            writeWhole(response, null, length, segment(body));
        }
    }

    private static Segment segment(ByteBuffer body) {
        return body.hasArray()
                ? new BytesSegment(body.array(), body.arrayOffset() + body.position(), body.remaining())
                : new BufferSegment(body);
    }

    /** Sends the head with either the small body or the large one behind it. */
    private void writeWhole(Response response, byte @Nullable [] small, long length, @Nullable Segment large) {
        if (response.trailers() != null && stream.hasContent(response, length)) {
            writeWithTrailers(response, small, large);
            return;
        }
        if (stream.whole(response, length, small, large)) {
            answer.sent(length);
        }
        answer.end(response.status().code());
    }

    private void writeWithTrailers(Response response, byte @Nullable [] small, @Nullable Segment large) {
        byte[] first = small == null ? NOTHING : small;
        Headers trailers = Responses.trailersOf(response);
        stream.begin(response, -1, first, 0, first.length);
        answer.sent(first.length);
        if (large != null) {
            answer.sent(large.remainingBytes());
            stream.data(large);
        }
        stream.end(trailers);
        answer.end(response.status().code());
    }

    // ---- files

    private void writeFile(Response response, Path path) {
        OpenFile file = null;
        try {
            file = OpenFile.open(path);
            if (file != null) {
                writeFile(response, path, file);
                return;
            }
        } catch (Throwable e) { // also of a field that cannot be written: nobody else sees it
            if (file != null) {
                close(file.channel());
            }
            answer.context().observer.handlerFailed(answer.request(), e);
            write(Responses.INTERNAL_ERROR);
            return;
        }
        write(Responses.NOT_FOUND);
    }

    private void writeFile(Response response, Path path, OpenFile file) throws IOException {
        if (file.isSmall()) {
            byte[] content = file.contentAsTold();
            if (content == null) {
                begin(response, new ResponseBody.Stream(file.content(), -1)); // on the worker: the client may be slow
            } else {
                close(file.channel());
                writeWhole(response, content);
            }
            return;
        }
        if (stream.hasContent(response, file.length())) {
            Segment segment = FileSegment.of(path, file.channel(), file.length(), fault -> answer.context()
                    .observer
                    .handlerFailed(answer.request(), fault));
            writeWhole(response, null, file.length(), segment);
        } else {
            writeWhole(response, null, file.length(), null);
            close(file.channel());
        }
    }

    // ---- bodies that are pulled

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
