package org.httpkit.internal.connection;

import java.util.ArrayList;
import java.util.List;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.http2.ErrorCode;
import org.httpkit.internal.http2.StreamState;
import org.httpkit.internal.net.Link;
import org.httpkit.server.CloseReason.Cause;

/**
 * Reports to the input budget what an HTTP/2 connection holds of what its client has sent, and lets go of it when that
 * is too much. Confined to its loop thread.
 */
abstract class Http2Holdings extends Http2Watch {
    /** Bytes up to which all requests together are not counted: most are small, and over at once. */
    private static final int SMALL_REQUESTS_BYTES = 8 * 1024;

    /** Streams that were reset before their exchanges ended, which still work in vain. */
    private List<Http2Stream> orphans = List.of();

    Http2Holdings(ServerContext context, Link link, long openedNanos) {
        super(context, link, openedNanos);
    }

    /** Bytes that a field block holds because it is not complete. */
    abstract long blockBytes();

    // ---- streams that have ended

    @Override
    void letGo(Http2Stream stream, StreamState last) {
        restsSinceNanos = link.nanos();
        Http2Body body = stream.body;
        stream.body = null;
        if (body != null) {
            body.discard();
        }
        Http2Tunnel tunnel = stream.tunnel;
        stream.tunnel = null;
        if (tunnel != null) {
            tunnel.closed(null);
        }
        // Behind a whole answer its thread has only to end the exchange: a client that has the answer may ask again.
        if (last != StreamState.ENDED && !isDone(stream)) {
            if (orphans.isEmpty()) {
                orphans = new ArrayList<>(2);
            }
            orphans.add(stream);
        }
    }

    /** Whether no more work is done for the stream: a channel's exchange may have ended with its stream, unanswered. */
    private static boolean isDone(Http2Stream stream) {
        return stream.isOver() || stream.exchange().isAtRest();
    }

    /** The number of exchanges that still run although their streams were reset. */
    int orphans() {
        if (!orphans.isEmpty()) {
            orphans.removeIf(Http2Holdings::isDone);
            orphans = orphans.isEmpty() ? List.of() : orphans;
        }
        return orphans.size();
    }

    @Override
    long orphansDeadline(long nowNanos) {
        if (orphans.isEmpty()) {
            return NO_DEADLINE;
        }
        noteHeld();
        return orphans.isEmpty() ? NO_DEADLINE : nowNanos + LOOK_NANOS;
    }

    // ---- what is held

    @Override
    public void requestGrew(Http2Stream stream) {
        stream.requestBytes = stream.exchange().heldBytes();
        noteHeld();
    }

    @Override
    public boolean noteHeld() {
        return noteHeld(true);
    }

    private boolean noteHeld(boolean mayBeLetGo) {
        assert link.isHeldByCaller();
        if (state == State.OVER) {
            return false;
        }
        long input = blockBytes();
        long requests = 0;
        long most = 0;
        Http2Stream heaviest = null;
        boolean frees = input > 0;
        for (int i = 0; i < streams.slots(); i++) {
            Http2Stream stream = streams.slot(i);
            if (stream != null) {
                long own = inputBytes(stream);
                input += own;
                requests += stream.requestBytes;
                frees |= stream.body != null || (stream.tunnel != null && stream.tunnel.canLetGo());
                if (stream.body != null && own + stream.requestBytes > most) {
                    most = own + stream.requestBytes;
                    heaviest = stream;
                }
            }
        }
        long held = input + counted(requests + orphansBytes());
        if (heaviest != null && held > most && held > mostHeldBytes()) {
            context.inputShed(
                    link, most); // the server's limit lets a connection that is alone hold more, but only for one body
            refuse(heaviest, Refusal.TOO_MUCH_HELD, ErrorCode.NO_ERROR);
            noticeEnds();
            return noteHeld(mayBeLetGo);
        }
        return link.holds(held, frees && mayBeLetGo);
    }

    /** Bytes that have come of what is not complete, or not read. */
    private static long inputBytes(Http2Stream stream) {
        Http2Body body = stream.body;
        Http2Tunnel tunnel = stream.tunnel;
        return (body == null ? 0 : body.heldBytes()) + (tunnel == null ? 0 : tunnel.heldBytes());
    }

    private long orphansBytes() {
        long bytes = 0;
        if (orphans() > 0) {
            for (Http2Stream orphan : orphans) {
                bytes += orphan.requestBytes;
            }
        }
        return bytes;
    }

    private static long counted(long requestBytes) {
        return requestBytes > SMALL_REQUESTS_BYTES ? requestBytes : 0;
    }

    private long mostHeldBytes() {
        return Math.min(context.maxReceivedBytesTotal(), context.maxReceivedBytesPerAddress());
    }

    @Override
    public void onTooMuchHeld(long heldBytes) {
        context.inputShed(link, heldBytes);
        link.holdsNothing();
        boolean frees = false;
        for (Http2Stream stream : streams) {
            if (stream.body != null) {
                refuse(stream, Refusal.TOO_MUCH_HELD, ErrorCode.NO_ERROR);
                frees = true;
            } else if (stream.tunnel != null && stream.tunnel.canLetGo()) {
                stream.tunnel.letGoOfInput();
                frees = true;
            }
        }
        noticeEnds();
        if (!frees && blockBytes() > 0) {
            // A block has to be decoded to its end, so it cannot be dropped alone.
            end(Cause.OVERLOAD, ErrorCode.ENHANCE_YOUR_CALM, "The server holds too much");
        }
        noteHeld(false); // what is left cannot be freed now
    }
}
