package org.httpkit.web;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a form, one after the other, as they arrive. Confined to one thread at a time.
 *
 * <p>A form is complete when {@link #next} has returned null: its last delimiter has arrived, and nothing follows it.
 */
public final class Parts {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final MultipartParser parser;
    private final InputStream body;
    private final ByteBuffer input = ByteBuffer.allocate(BUFFER_BYTES).flip();
    private @Nullable PartStream current;

    Parts(MultipartParser parser, InputStream body) {
        this.parser = parser;
        this.body = body;
    }

    /**
     * The next part; null if there is none. Skips what is left of the previous part, whose stream becomes unusable.
     *
     * @throws MultipartException if the form breaks a rule or exceeds a limit
     * @throws IOException if the body cannot be read to its end
     */
    public @Nullable Part next() throws IOException {
        return nextStreamed();
    }

    @Nullable
    StreamedPart nextStreamed() throws IOException {
        PartStream last = current;
        if (last != null) {
            last.finish();
            current = null;
        }
        if (advance() == null) {
            return null;
        }
        PartStream stream = new PartStream();
        current = stream;
        return new StreamedPart(parser.part(), stream);
    }

    /** The next step; null at the end of a form that is whole. */
    private MultipartParser.@Nullable Step advance() throws IOException {
        while (true) {
            MultipartParser.Step step = parser.advance(input);
            if (step != MultipartParser.Step.NEED_INPUT) {
                return step;
            }
            int count = body.read(input.array());
            if (count < 0) {
                parser.end();
                return null;
            }
            input.position(0).limit(count);
        }
    }

    /** The bytes of one part. */
    private final class PartStream extends InputStream {
        private ByteBuffer data = ByteBuffer.allocate(0);
        private boolean isOver;
        private boolean isStale;

        @Override
        public int read() throws IOException {
            return fill() ? data.get() & 0xff : -1;
        }

        @Override
        public int read(byte[] target, int offset, int count) throws IOException {
            if (count == 0) {
                return 0;
            }
            if (!fill()) {
                return -1;
            }
            int taken = Math.min(count, data.remaining());
            data.get(target, offset, taken);
            return taken;
        }

        @Override
        public int available() {
            return data.remaining();
        }

        private void finish() throws IOException {
            while (fill()) {
                data.position(data.limit());
            }
            isStale = true;
        }

        private boolean fill() throws IOException {
            if (isStale) {
                throw new IOException("The form has gone on to its next part");
            }
            while (!isOver && !data.hasRemaining()) {
                MultipartParser.Step step = advance();
                if (step == MultipartParser.Step.DATA) {
                    data = parser.data();
                } else { // the part's end; the end of the body would have been a violation
                    isOver = true;
                }
            }
            return !isOver;
        }
    }
}
