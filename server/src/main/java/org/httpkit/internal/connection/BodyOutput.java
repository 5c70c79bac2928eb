package org.httpkit.internal.connection;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Objects;
import org.httpkit.internal.http1.ChunkEncoder;
import org.httpkit.internal.http1.ResponseFraming;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Scratch;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * A response body on its way out piece by piece, its head ahead of the first piece. Used by one thread, which is held while
 * the client does not keep up.
 */
final class BodyOutput extends OutputStream {
    private static final int GATHERED_BYTES = 8 * 1024;
    private static final int PIECE_BYTES = 48 * 1024;

    private final ResponseWriter writer;
    private final Response response;
    private final Link link;
    private final ClientPace pace;
    private final long declaredBytes;

    private byte @Nullable [] gathered;
    private int gatheredBytes;
    private long sentBytes;
    /** Decided when the head is written. */
    private @Nullable ResponseFraming framing;

    private boolean broken;
    private boolean finished;

    BodyOutput(ResponseWriter writer, Response response, long declaredBytes) {
        this.writer = writer;
        this.response = response;
        this.link = writer.link();
        this.pace = writer.newPace();
        this.declaredBytes = declaredBytes;
    }

    /** Whether the client has seen anything of the response. */
    boolean isBegun() {
        return framing != null;
    }

    /** Whether the client has gone, so that a failure is nobody's fault. */
    boolean isBroken() {
        return broken;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        if (count > GATHERED_BYTES - gatheredBytes) {
            flush();
        }
        if (count > GATHERED_BYTES) {
            send(bytes, offset, count);
            return;
        }
        if (gathered == null) {
            gathered = new byte[GATHERED_BYTES];
        }
        System.arraycopy(bytes, offset, gathered, gatheredBytes, count);
        gatheredBytes += count;
    }

    @Override
    public void flush() throws IOException {
        if (gathered != null && gatheredBytes > 0) {
            int count = gatheredBytes;
            gatheredBytes = 0;
            send(gathered, 0, count);
        }
    }

    /** Sends bytes at once, in pieces if they are many. */
    void send(byte[] bytes, int offset, int count) throws IOException {
        if (finished) {
            throw new IOException("The response is complete");
        }
        int end = offset + (int) (declaredBytes < 0 ? count : Math.min(count, declaredBytes - sentBytes));
        for (int at = offset; at < end; at += PIECE_BYTES) {
            sendPiece(bytes, at, Math.min(PIECE_BYTES, end - at));
        }
    }

    /** Completes the response. */
    void finish() throws IOException {
        if (framing == null) {
            finishUnbegun();
            return;
        }
        flush();
        requireWhole();
        finished = true;
        if (framing.isChunked()) {
            Scratch scratch = link.scratch();
            ChunkEncoder.appendLast(scratch.bytes);
            link.send(scratch);
        }
        writer.end(response, framing);
    }

    /** Nothing has left yet: the length is known, so the body needs no chunks. */
    private void finishUnbegun() throws IOException {
        ResponseFraming withoutBody = writer.framing(response, declaredBytes);
        ResponseFraming decided = withoutBody.hasBody()
                ? writer.framing(response, declaredBytes < 0 ? gatheredBytes : declaredBytes)
                : withoutBody;
        if (decided.hasBody() && declaredBytes > gatheredBytes) {
            requireWhole();
        }
        finished = true;
        Scratch scratch = link.scratch();
        writer.writeHead(scratch.bytes, response, decided);
        if (decided.hasBody() && gathered != null) {
            scratch.bytes.append(gathered, 0, gatheredBytes);
            writer.sent(gatheredBytes);
        }
        link.send(scratch);
        writer.end(response, decided);
    }

    private void requireWhole() throws IOException {
        if (declaredBytes > sentBytes) {
            throw new IOException("The body ended after " + sentBytes + " of " + declaredBytes + " declared bytes");
        }
    }

    private void sendPiece(byte[] bytes, int offset, int count) throws IOException {
        Scratch scratch = link.scratch();
        ResponseFraming decided = framing;
        if (decided == null) {
            decided = writer.framing(response, declaredBytes);
            framing = decided;
            writer.writeHead(scratch.bytes, response, decided);
        }
        if (decided.isChunked()) {
            ChunkEncoder.append(scratch.bytes, bytes, offset, count);
        } else {
            scratch.bytes.append(bytes, offset, count);
        }
        sentBytes += count;
        scratch.grewTo(sentBytes);
        writer.sent(count);
        if (!link.send(scratch)) {
            broken = true;
            throw new IOException("The client has gone");
        }
        try {
            pace.awaitTaken(count);
        } catch (IOException e) {
            broken = true;
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException)
                    new InterruptedIOException("Interrupted while the client takes its answer").initCause(e);
        }
    }
}
