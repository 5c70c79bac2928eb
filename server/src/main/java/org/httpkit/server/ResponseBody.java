package org.httpkit.server;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The kinds of body a response can have. Made by the factories of {@link Response}. */
public sealed interface ResponseBody {

    /** No bytes. */
    enum Empty implements ResponseBody {
        EMPTY
    }

    /** Text, sent as UTF-8. */
    record Text(String text) implements ResponseBody {
        public Text {
            Objects.requireNonNull(text, "text");
        }
    }

    /** An array, not copied: leave it unchanged until the response has been sent. */
    @SuppressWarnings("ArrayRecordComponent") // equal only if it is the same array, which is meant
    record Bytes(byte[] bytes) implements ResponseBody {
        public Bytes {
            Objects.requireNonNull(bytes, "bytes");
        }
    }

    /** What remains of a buffer, not copied; its position and limit are left alone. */
    record Buffer(ByteBuffer bytes) implements ResponseBody {
        public Buffer {
            Objects.requireNonNull(bytes, "bytes");
        }
    }

    /** A file, its length taken when the response is sent. */
    record File(Path path) implements ResponseBody {
        public File {
            Objects.requireNonNull(path, "path");
        }
    }

    /**
     * A stream, read as the client takes it, and always closed.
     *
     * @param length its length in bytes, or -1 if that is not known
     */
    record Stream(InputStream stream, long length) implements ResponseBody {
        public Stream {
            Objects.requireNonNull(stream, "stream");
        }
    }

    /**
     * Pieces, pulled as the client takes them; each is a {@code CharSequence}, a {@code byte[]}, a {@code ByteBuffer}, or any
     * other object, whose {@code toString} is sent. There may be endlessly many. If the iterator is {@link AutoCloseable}, it
     * is closed.
     */
    record Pieces(Iterable<?> pieces) implements ResponseBody {
        public Pieces {
            Objects.requireNonNull(pieces, "pieces");
        }
    }

    /** Bytes written by the application's code. */
    record Written(BodyWriter writer) implements ResponseBody {
        public Written {
            Objects.requireNonNull(writer, "writer");
        }
    }

    /** The whole response comes later; the one that carries this body is only its promise. */
    record Later(CompletionStage<? extends @Nullable Response> response) implements ResponseBody {
        public Later {
            Objects.requireNonNull(response, "response");
        }
    }

    /** Nothing is sent now: the channel decides what the client gets, and when. */
    record Channel(AsyncChannel channel) implements ResponseBody {
        public Channel {
            Objects.requireNonNull(channel, "channel");
        }
    }
}
