package org.httpkit.internal.exchange;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.httpkit.http.Headers;
import org.httpkit.internal.context.Coder;
import org.httpkit.internal.net.CallingThread;
import org.httpkit.internal.representation.ByteRange;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * Sends a content that must be read from a stream or encoded. Used by the thread that answers, which leaves to the
 * worker what may block.
 */
abstract class StreamWriter extends ContentWriter {
    /** Encoding this many bytes takes about 100 microseconds; the worker encodes more. */
    private static final int CODED_AT_ONCE_BYTES = 4 * 1024;

    /** Longer content is encoded piece by piece, as the client takes it. */
    private static final int CODED_WHOLE_BYTES = 1 << 20;

    private static final int PIECE_BYTES = 16 * 1024;

    StreamWriter(AnswerProgress answer, HttpStream stream) {
        super(answer, stream);
    }

    void onWorker(ResponseBody body, Runnable task) {
        if (!answer.onWorker(task)) {
            saturated(body);
        }
    }

    private void saturated(ResponseBody body) {
        answer.context().observer.workerSaturated(answer.request());
        closeUnused(body);
        writeError(Responses.OVERLOADED);
    }

    // ---- bodies that are pulled

    /**
     * Decides which part is requested, and lets the worker read and send it. For a stream of known length this may be
     * one range.
     */
    void selectStreamed(Response response, ResponseBody body) {
        if (!Selection.isPossible(answer.request(), response)) {
            onWorker(body, () -> writeStreamed(response, body));
            return;
        }
        boolean knowsLength = body instanceof ResponseBody.Stream stream && stream.length() >= 0;
        long length = body instanceof ResponseBody.Stream stream ? stream.length() : Selection.UNKNOWN;
        Selection selection = select(response, length, 1);
        if (selection.isWord()) {
            closeUnused(body);
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

    /** Is called when the application or the connection failed while the body was written. */
    void streamFailed(Response response, BodyOutput out, Throwable failure) {
        out.cut();
        if (out.isBroken()) {
            answer.abort(response.status().code(), failure, new IOException("The client has gone", failure));
            return;
        }
        answer.context().observer.handlerFailed(answer.request(), failure);
        if (out.isBegun()) {
            answer.abort(response.status().code(), failure);
        } else {
            writeError(Responses.INTERNAL_ERROR);
        }
    }

    // ---- bodies that are coded

    /** Sends the body in the coding of the variant, if the conditions allow it. */
    void writeCoded(Variant variant, ResponseBody body) throws IOException {
        Response response = variant.response();
        Selection word;
        byte[] whole = null;
        try {
            word = wordInstead(response);
            if (word == null && variant.coder() != null) {
                whole = wholeBytes(body);
            }
        } catch (RuntimeException | Error e) { // a field may be invalid, mapped memory may fail
            variant.close();
            throw e;
        }
        if (word != null) {
            variant.close();
            closeUnused(body);
            writeWord(word);
            return;
        }
        Coder coder = variant.coder();
        if (coder == null) {
            closeUnused(body);
            stream.begin(response, Selection.UNKNOWN, NOTHING, 0, 0);
            stream.end(Headers.empty());
            answer.end(response.status().code());
            return;
        }
        byte[] content = whole;
        if (content == null) {
            ResponseBody pulled = pulled(body);
            onWorker(pulled, coder, () -> writeCodedPieces(response, pulled, coder));
        } else if (content.length <= CODED_AT_ONCE_BYTES) {
            writeCodedWhole(response, content, coder);
        } else {
            onWorker(body, coder, () -> {
                try {
                    writeCodedWhole(response, content, coder);
                } catch (IOException | RuntimeException | Error e) {
                    answer.context().observer.handlerFailed(answer.request(), e);
                    writeError(Responses.INTERNAL_ERROR);
                }
            });
        }
    }

    /** The answer that replaces a content whose length is not known yet; null if none does. */
    private @Nullable Selection wordInstead(Response response) {
        if (!Selection.isPossible(answer.request(), response)) {
            return null;
        }
        Selection selection = select(response, Selection.UNKNOWN, 0);
        return selection.isWord() ? selection : null;
    }

    /** Returns the bytes to encode at once; null if they come in pieces or are too many. */
    private static byte @Nullable [] wholeBytes(ResponseBody body) {
        if (body instanceof ResponseBody.Bytes bytes && bytes.bytes().length <= CODED_WHOLE_BYTES) {
            return bytes.bytes();
        }
        if (body instanceof ResponseBody.Buffer buffer && buffer.bytes().remaining() <= CODED_WHOLE_BYTES) {
            byte[] copy = new byte[buffer.bytes().remaining()];
            buffer.bytes().duplicate().get(copy);
            return copy;
        }
        return null;
    }

    /** Presents a body that is in memory, but too long to encode at once, as one that is written piece by piece. */
    private static ResponseBody pulled(ResponseBody body) {
        if (body instanceof ResponseBody.Bytes bytes) {
            return new ResponseBody.Written(out -> out.write(bytes.bytes()));
        }
        if (body instanceof ResponseBody.Buffer buffer) {
            return new ResponseBody.Written(out -> {
                ByteBuffer left = buffer.bytes().duplicate();
                byte[] piece = new byte[PIECE_BYTES];
                while (left.hasRemaining()) {
                    int count = Math.min(left.remaining(), PIECE_BYTES);
                    left.get(piece, 0, count);
                    out.write(piece, 0, count);
                }
            });
        }
        return body;
    }

    private void onWorker(ResponseBody body, Coder coder, Runnable task) {
        if (!answer.onWorker(task)) {
            coder.close();
            saturated(body);
        }
    }

    private void writeCodedWhole(Response response, byte[] content, Coder coder) throws IOException {
        ByteArrayOutputStream coded = new ByteArrayOutputStream(64 + content.length / 3);
        try (coder) {
            OutputStream out = coder.open(coded);
            out.write(content);
            out.close();
        }
        writeBytesAsTheyAre(response, coded.toByteArray());
    }

    private void writeCodedPieces(Response response, ResponseBody body, Coder coder) {
        BodyOutput out = new BodyOutput(answer, stream, response, Selection.UNKNOWN);
        boolean pulled = false;
        try (coder) {
            OutputStream coded = coder.open(out);
            pulled = true;
            if (body instanceof ResponseBody.Written written) {
                written.writer().writeTo(coded);
            } else {
                pullCoded(body, coded);
            }
            coded.close();
            out.finish();
        } catch (Throwable e) {
            streamFailed(response, out, e);
        } finally {
            if (!pulled) {
                closeBody(body);
            }
        }
    }

    /** Encodes a body. The pieces of a stream leave at once; a body in memory leaves in full buffers. */
    private static void pullCoded(ResponseBody body, OutputStream coded) throws Exception {
        long declared = body instanceof ResponseBody.Stream stream ? stream.length() : Selection.UNKNOWN;
        long[] pulled = new long[1];
        BodySource.pull(body, (bytes, offset, count) -> {
            coded.write(bytes, offset, count);
            pulled[0] += count;
            if (declared < 0) {
                coded.flush();
            }
        });
        if (pulled[0] < declared) {
            throw new IOException("The body ended after " + pulled[0] + " of " + declared + " declared bytes");
        }
    }

    /** Closes a stream whose bytes are not needed; the application's may block, which a loop must not wait for. */
    void closeUnused(ResponseBody body) {
        if (body instanceof ResponseBody.Stream stream && CallingThread.isOnAnyLoop()) {
            answer.runBlocking(() -> close(stream.stream()));
        } else {
            closeBody(body);
        }
    }

    /** Closes a stream in any case, even if its bytes are not needed. */
    static void closeBody(ResponseBody body) {
        if (body instanceof ResponseBody.Stream stream) {
            close(stream.stream());
        }
    }

    private static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception ignored) {
            // The stream was only read: nothing is lost.
        }
    }
}
