package org.httpkit.ring;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.Frame;
import org.httpkit.server.Message;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.jspecify.annotations.Nullable;

/** Converts the argument of {@code send!} for the channel. Stateless. */
final class RingSends {
    private RingSends() {}

    /**
     * Returns what to send instead. On HTTP, 500 takes the place of data that cannot be read, since the client would
     * wait for an answer in vain; if the response has begun, it breaks off. A closed channel needs no conversion: a
     * stream is closed, as if it had been sent.
     *
     * @param isFirst whether nothing has been sent before
     * @throws IllegalArgumentException if such data cannot be sent
     * @throws UncheckedIOException if a WebSocket's message cannot be read
     */
    static @Nullable Object converted(
            AsyncChannel channel, RingSettings settings, @Nullable Object data, boolean isFirst) {
        if (data instanceof String || data == null || data instanceof byte[]) {
            return data;
        }
        if (!channel.isOpen()) {
            RingBodies.close(bodyOf(data));
            return null;
        }
        if (data instanceof Frame frame) {
            boolean unused = frame instanceof Frame.PingFrame ? channel.ping(frame.data) : channel.pong(frame.data);
            return null;
        }
        if (data instanceof Message || data instanceof Response) {
            return data;
        }
        if (channel.isWebSocket()) {
            return message(bodyOf(data));
        }
        try {
            return response(channel, settings.headLength(), data);
        } catch (Throwable e) { // Clojure throws checked ones, too
            IOException unread = e instanceof IOException checked
                    ? checked
                    : e instanceof UncheckedIOException wrapped ? wrapped.getCause() : null;
            if (unread == null) {
                throw e;
            }
            return isFirst ? failure(channel, settings, unread) : breakingOff(unread);
        }
    }

    private static @Nullable Object bodyOf(Object data) {
        return data instanceof Map ? RingResponses.value(data, RingResponses.BODY) : data;
    }

    private static Response response(AsyncChannel channel, HeadLength headLength, Object data) {
        return data instanceof Map
                ? RingResponses.made(channel.request(), headLength, data, bodyOf(data), RingBodies.Way.SENT)
                : bare(data);
    }

    private static Response bare(Object data) {
        ResponseBody body = RingBodies.of(data, Headers.empty(), null, RingBodies.Way.SENT);
        return Response.of(Status.OK).body(EagerBody.of(body, Status.OK));
    }

    private static Response failure(AsyncChannel channel, RingSettings settings, IOException unread) {
        settings.observer().handlerFailed(channel.request(), unread);
        return RingErrorPages.failure(settings, channel.request());
    }

    /** The server reports what the body throws, and cuts the response off. */
    private static Response breakingOff(IOException unread) {
        return Response.of(Status.OK).body(new ResponseBody.Written(out -> {
            throw unread;
        }));
    }

    private static @Nullable Object message(@Nullable Object body) {
        if (body == null
                || body instanceof String
                || body instanceof byte[]
                || body instanceof ByteBuffer
                || body instanceof Message) {
            return body;
        }
        if (body instanceof InputStream stream) {
            return StreamedMessage.of(stream, Long.MAX_VALUE);
        }
        if (body instanceof File file) {
            return file.toPath();
        }
        throw new IllegalArgumentException("A message of " + body.getClass().getName()
                + " cannot be sent; strings, byte arrays, byte buffers, input streams and files can");
    }
}
