package org.httpkit.server;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The kinds of body that a response can have. The factories of {@link Response} make them. */
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

    /** An array, not copied: do not change it until the response has been sent. */
    @SuppressWarnings("ArrayRecordComponent") // equal only if it is the same array, which is meant
    record Bytes(byte[] bytes) implements ResponseBody {
        public Bytes {
            Objects.requireNonNull(bytes, "bytes");
        }
    }

    /** The remaining bytes of a buffer, not copied. Its position and limit stay as they are. */
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
     * Pieces, pulled as the client takes them. Each is a {@code CharSequence}, a {@code byte[]}, a {@code
     * ByteBuffer}, or any other object, whose {@code toString} is sent. There may be endlessly many. The server
     * closes an iterator that is {@link AutoCloseable}.
     */
    record Pieces(Iterable<?> pieces) implements ResponseBody {
        public Pieces {
            Objects.requireNonNull(pieces, "pieces");
        }
    }

    /** Bytes that the application's code writes. */
    record Written(BodyWriter writer) implements ResponseBody {
        public Written {
            Objects.requireNonNull(writer, "writer");
        }
    }

    /** The whole response comes later; the response with this body is only a placeholder. */
    record Later(CompletionStage<? extends @Nullable Response> response) implements ResponseBody {
        public Later {
            Objects.requireNonNull(response, "response");
        }
    }

    /** The channel decides what the client gets, and when. */
    record Channel(AsyncChannel channel) implements ResponseBody {
        public Channel {
            Objects.requireNonNull(channel, "channel");
        }
    }
}
