package org.httpkit.internal.exchange;

import java.io.IOException;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.net.BytesSegment;
import org.httpkit.internal.net.Segment;
import org.httpkit.internal.representation.ByteRange;
import org.httpkit.internal.representation.ByteRanges;
import org.httpkit.internal.representation.MultipartRanges;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** Sends a content that is available as a whole: whole, in parts, or not at all. Used by the thread that answers. */
abstract class ContentWriter {
    static final byte[] NOTHING = {};

    final AnswerProgress answer;
    final HttpStream stream;

    /** Whether the response, or its beginning, has been handed over: no other one may follow it. */
    boolean isSent;

    ContentWriter(AnswerProgress answer, HttpStream stream) {
        this.answer = answer;
        this.stream = stream;
    }

    /** Ends the exchange in any case: with this response, with 500, or by closing the connection. */
    abstract void write(Response response);

    /** Sends an answer that comes from the server itself. */
    abstract void writeError(Response plain);

    void writeBytes(Response response, byte[] body) throws IOException {
        if (Selection.isPossible(answer.request(), response)) {
            writeContent(response, new Content.OfBytes(body));
        } else {
            writeBytesAsTheyAre(response, body);
        }
    }

    /** Sends all of the content, whatever the conditions. */
    void writeBytesAsTheyAre(Response response, byte[] body) {
        if (body.length <= Content.TOGETHER_BYTES) {
            writeWhole(response, body, body.length, null);
        } else {
            writeWhole(response, null, body.length, new BytesSegment(body, 0, body.length));
        }
    }

    void writeEmpty(Response response) {
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

    /** Sends the requested part of the content, and releases the content. */
    void writeContent(Response response, Content content) throws IOException {
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

    Selection select(Response response, long length, int mostRanges) {
        return Selection.of(answer.request(), response, length, mostRanges, answer.context());
    }

    /** Sends the answer that replaces the content, of which nothing has been sent. */
    void writeWord(Selection selection) {
        if (selection.response().status().equals(Status.NOT_MODIFIED)) {
            writeWhole(selection.response(), null, 0, null);
        } else {
            writeError(selection.response());
        }
    }

    /** Sends one part. Releases the content before the part leaves, so that a file is closed when the part has left. */
    void writePart(Response response, Content content, long from, long count) throws IOException {
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

    /** Sends the head, followed by either the small body or the large one. */
    void writeWhole(Response response, byte @Nullable [] small, long length, @Nullable Segment large) {
        if (response.trailers() != null && stream.hasContent(response, length)) {
            writeWithTrailers(response, small, large);
            return;
        }
        boolean hasContent = stream.whole(response, length, small, large);
        isSent = true;
        if (hasContent) {
            answer.sent(length);
        }
        answer.end(response.status().code());
    }

    private void writeWithTrailers(Response response, byte @Nullable [] small, @Nullable Segment large) {
        byte[] first = small == null ? NOTHING : small;
        Headers trailers = Responses.trailersOf(response);
        stream.begin(response, Selection.UNKNOWN, first, 0, first.length);
        isSent = true;
        answer.sent(first.length);
        if (large != null) {
            answer.sent(large.remainingBytes());
            stream.data(large);
        }
        stream.end(trailers);
        answer.end(response.status().code());
    }

    /** Sends several ranges, the small ones in one write with the text around them. */
    void writeParts(Response response, Content content, MultipartRanges layout) throws IOException {
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
            out.add(layout.end());
            out.end();
        } catch (IOException | RuntimeException | Error e) { // mapped memory may fail, too
            if (!out.isBegun()) {
                throw e;
            }
            content.release();
            answer.context().observer.handlerFailed(answer.request(), e);
            answer.abort(response.status().code(), e);
            return;
        }
        answer.sent(layout.totalBytes());
        answer.end(response.status().code());
    }
}
