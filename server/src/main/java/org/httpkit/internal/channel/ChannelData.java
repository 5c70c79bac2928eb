package org.httpkit.internal.channel;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.httpkit.http.Headers;
import org.httpkit.server.Event;
import org.httpkit.server.Message;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * One thing to send on a channel. Immutable.
 *
 * @param head status and fields, which count for the first send on HTTP only
 * @param body the data
 * @param message the data once more if it is a message encoded for many
 * @param fansOut whether the same goes to many, so that it may leave a little later, together with what comes behind it
 */
record ChannelData(
        Response head, ResponseBody body, @Nullable Message message, boolean fansOut) {
    private static final int OVERHEAD_BYTES = 128;
    private static final byte[] NOTHING = {};
    private static final Headers HTML = Headers.of("Content-Type", "text/html; charset=utf-8");
    private static final Response PAGE = Response.of(200).headers(HTML);
    private static final Response EVENTS =
            Response.of(200).headers(Headers.of("Content-Type", "text/event-stream", "Cache-Control", "no-cache"));

    /** @throws IllegalArgumentException if this kind of data cannot be sent */
    static ChannelData of(@Nullable Object data) {
        if (data instanceof Response response) {
            if (response.body() instanceof ResponseBody.Later || response.body() instanceof ResponseBody.Channel) {
                throw new IllegalArgumentException("A response that comes later cannot be sent on a channel");
            }
            return new ChannelData(
                    response.headers().size() == 0 ? response.headers(HTML) : response, response.body(), null, false);
        }
        if (data instanceof Message message) {
            ResponseBody body = message.isText()
                    ? new ResponseBody.Text(String.valueOf(message.text()))
                    : new ResponseBody.Bytes(message.bytes());
            return new ChannelData(PAGE, body, message, false);
        }
        return new ChannelData(PAGE, bodyOf(data), null, false);
    }

    /** A server-sent event, as an HTTP response has it. */
    static ChannelData ofEvent(Event event) {
        Message whole = event.encodedMessage();
        return new ChannelData(EVENTS, new ResponseBody.Bytes(whole.bytes()), whole, false);
    }

    /** Returns the head alone, for a response that has no content. */
    ChannelData headOnly() {
        return new ChannelData(head, ResponseBody.Empty.EMPTY, null, false);
    }

    /** Returns this data as one of many sends of it. */
    ChannelData fanningOut() {
        return new ChannelData(head, body, message, true);
    }

    private static ResponseBody bodyOf(@Nullable Object data) {
        if (data == null) {
            return ResponseBody.Empty.EMPTY;
        }
        if (data instanceof CharSequence text) {
            return new ResponseBody.Text(text.toString());
        }
        if (data instanceof byte[] bytes) {
            return new ResponseBody.Bytes(bytes);
        }
        if (data instanceof ByteBuffer buffer) {
            return new ResponseBody.Buffer(buffer);
        }
        if (data instanceof InputStream stream) {
            return new ResponseBody.Stream(stream, -1);
        }
        if (data instanceof Path path) {
            return new ResponseBody.File(path);
        }
        throw new IllegalArgumentException("Data of " + data.getClass().getName()
                + " cannot be sent; text, bytes, buffers, streams, paths, messages and responses can");
    }

    /** Whether there is nothing to send: such a send only matters for the head, or for the end. */
    boolean isNothing() {
        return body == ResponseBody.Empty.EMPTY;
    }

    /** Whether the data is all there, so that sending it cannot wait for anything. */
    boolean isWhole() {
        return body == ResponseBody.Empty.EMPTY
                || body instanceof ResponseBody.Text
                || body instanceof ResponseBody.Bytes
                || body instanceof ResponseBody.Buffer;
    }

    /** Bytes of heap that it holds while it waits, roughly. */
    long heldBytes() {
        return contentBytes() + OVERHEAD_BYTES;
    }

    /** Roughly how many bytes there are to send; 0 if they come piece by piece. */
    long contentBytes() {
        long content = 0;
        if (body instanceof ResponseBody.Text text) {
            content = text.text().length();
        } else if (body instanceof ResponseBody.Bytes bytes) {
            content = bytes.bytes().length;
        } else if (body instanceof ResponseBody.Buffer buffer) {
            content = buffer.bytes().remaining();
        }
        return content;
    }

    /**
     * The bytes of data that {@link #isWhole}, text in UTF-8; not a copy where they are in an array already.
     *
     * @throws IllegalStateException if they come from elsewhere
     */
    byte[] content() {
        if (message != null) {
            return message.bytes(); // encoded once for all
        }
        if (body instanceof ResponseBody.Text text) {
            return text.text().getBytes(StandardCharsets.UTF_8);
        }
        if (body instanceof ResponseBody.Bytes bytes) {
            return bytes.bytes();
        }
        if (body instanceof ResponseBody.Buffer buffer) {
            byte[] copy = new byte[buffer.bytes().remaining()];
            buffer.bytes().duplicate().get(copy);
            return copy;
        }
        if (body == ResponseBody.Empty.EMPTY) {
            return NOTHING;
        }
        throw new IllegalStateException(body + " is not all there");
    }

    /** Closes what the data would have come from. */
    void discard() {
        if (body instanceof ResponseBody.Stream stream) {
            try {
                stream.stream().close();
            } catch (IOException ignored) {
                // It was only to be read from: nothing is lost.
            }
        }
    }

    /** The head and the body as one response. */
    Response asResponse() {
        return head.body(message != null ? new ResponseBody.Bytes(message.bytes()) : body);
    }
}
