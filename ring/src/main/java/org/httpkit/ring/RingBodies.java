package org.httpkit.ring;

import clojure.lang.ISeq;
import clojure.lang.RT;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.httpkit.BytesInputStream;
import org.httpkit.http.Headers;
import org.httpkit.server.ResponseBody;
import org.jspecify.annotations.Nullable;

/** Converts the {@code :body} of a response. Stateless, except for what Ring's protocol does if it is loaded. */
final class RingBodies {

    /** How a response is given to the server. */
    enum Way {
        /** A handler has returned it: the server reads the body as the client takes it. */
        RETURNED,
        /** By the callback of an asynchronous handler; the body may be written after that has returned. */
        RESPONDED,
        /** By {@code send!}. */
        SENT
    }

    private RingBodies() {}

    /**
     * @param response the map that contains the body, or null
     * @throws IllegalArgumentException if such a body cannot be sent
     */
    static ResponseBody of(@Nullable Object body, Headers headers, @Nullable Object response, Way way) {
        if (body == null) {
            return ResponseBody.Empty.EMPTY;
        }
        if (body instanceof String text) {
            return new ResponseBody.Text(text);
        }
        if (body instanceof byte[] bytes) {
            return new ResponseBody.Bytes(bytes);
        }
        if (body instanceof InputStream stream) {
            return new ResponseBody.Stream(stream, lengthOf(stream, headers));
        }
        if (body instanceof ISeq sequence) {
            return new ResponseBody.Pieces(new Pieces(sequence));
        }
        if (body instanceof File file) {
            return new ResponseBody.File(existing(file));
        }
        if (body instanceof ByteBuffer buffer) {
            return new ResponseBody.Buffer(buffer);
        }
        if (body instanceof Path path) {
            return new ResponseBody.File(path);
        }
        return ofOtherType(body, response, way);
    }

    private static ResponseBody ofOtherType(Object body, @Nullable Object response, Way way) {
        ResponseBody streamed = RingStreams.bodyOf(body, response, way == Way.RESPONDED);
        if (streamed != null) {
            return streamed;
        }
        if (body instanceof Iterable<?> pieces && !(body instanceof Map)) {
            return new ResponseBody.Pieces(new Pieces(pieces));
        }
        throw new IllegalArgumentException("A body of " + body.getClass().getName()
                + " cannot be sent; nil, strings, sequences, byte arrays, byte buffers, input streams and files can");
    }

    /** Closes a body that is a stream and will not be read. */
    static void close(@Nullable Object body) {
        if (body instanceof InputStream stream) {
            try {
                stream.close();
            } catch (IOException ignored) {
                // It was only to be read from: nothing is lost.
            }
        }
    }

    /** Checks the file: a handler that names none has failed, whatever the client asked for. */
    private static Path existing(File file) {
        if (!file.exists() || file.isDirectory()) {
            throw new UncheckedIOException(
                    new FileNotFoundException(file + (file.exists() ? " is a folder" : " does not exist")));
        }
        return file.toPath();
    }

    /** The number of bytes in memory, otherwise the handler's value. The client notices a stream that is shorter. */
    private static long lengthOf(InputStream stream, Headers headers) {
        if (stream.getClass() == ByteArrayInputStream.class || stream instanceof BytesInputStream) {
            return ((ByteArrayInputStream) stream).available();
        }
        String declared = headers.first("Content-Length");
        try {
            return declared == null ? -1 : Long.parseUnsignedLong(declared);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** A sequence that can be iterated once, and releases the part behind: it may be endless. */
    private static final class Pieces implements Iterable<@Nullable Object> {
        private @Nullable Object source;

        Pieces(Object source) {
            this.source = source;
        }

        @Override
        @SuppressWarnings("unchecked") // Clojure's own is without a type
        public Iterator<@Nullable Object> iterator() {
            Object taken = source;
            source = null;
            return taken instanceof ISeq sequence ? new Walk(sequence) : RT.iter(taken);
        }
    }

    /**
     * Iterates over a sequence without holding passed elements, and without realizing elements before they are wanted.
     */
    private static final class Walk implements Iterator<@Nullable Object> {
        private @Nullable ISeq rest;
        private boolean isChecked;

        Walk(ISeq sequence) {
            rest = sequence;
        }

        @Override
        public boolean hasNext() {
            if (!isChecked) {
                rest = rest == null ? null : RT.seq(rest);
                isChecked = true;
            }
            return rest != null;
        }

        @Override
        public @Nullable Object next() {
            ISeq current = hasNext() ? rest : null;
            if (current == null) {
                throw new NoSuchElementException();
            }
            Object first = current.first();
            rest = current.more();
            isChecked = false;
            return first;
        }
    }
}
