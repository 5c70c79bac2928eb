package org.httpkit.internal.channel;

import java.util.function.Consumer;
import org.httpkit.internal.net.Outflow;
import org.httpkit.server.CloseReason;
import org.jspecify.annotations.Nullable;

/**
 * How a channel's data goes over the wire: as an HTTP response or as WebSocket messages.
 *
 * <p>Used by one thread at a time: what sends data is guarded by the channel's lock; {@link #complete}, {@link #end} and {@link
 * #fail} belong to the one thread that ends the channel, when nothing is sent any more.
 */
interface ChannelOutput {

    /** Sends data that is all there, and not so much that {@link #takesLong}. */
    void send(ChannelData data);

    /** Whether it takes long to give data that is all there the form in which it is sent, so that nobody is to wait meanwhile. */
    boolean takesLong(ChannelData data);

    /** Gives such data the form in which it is sent. Not under the lock; but by one thread at a time, in the order of the sends. */
    byte[] encode(ChannelData data);

    /** Sends such data in that form. */
    void sendEncoded(ChannelData data, byte[] encoded);

    /** Begins data that comes piece by piece. */
    void beginPieces(ChannelData data);

    /** Sends a piece of it. */
    void sendPiece(byte[] bytes, int offset, int count);

    /** Pieces that are longer than this are cut. */
    default int mostPieceBytes() {
        return Integer.MAX_VALUE;
    }

    /** The pieces are complete. */
    void endPieces();

    /** Frees what it holds. Nothing is sent any more. */
    void release();

    /** Whether the last data, if it comes now, is to be given to {@link #complete}. */
    boolean isUnbegun();

    /**
     * Sends all there is to say and ends. May block if the data has to be pulled.
     *
     * @param beforeEnd called when the response has been handed to the link (null), or cannot be completed; before anything else
     */
    void complete(ChannelData data, @Nullable Consumer<@Nullable Throwable> beforeEnd);

    /** Ends what goes to the client; for HTTP a complete response, for WebSocket the close handshake. */
    void end(int code, String reason);

    /** Ends because the application failed: the client must not take what it has for all. */
    void fail(Throwable cause);

    /** Whether it has ended with everything handed to the link. */
    boolean isComplete();

    /** Whether it has ended in the middle. */
    boolean isCut();

    boolean isWebSocket();

    /** How what was sent leaves. */
    Outflow outflow();

    /** What the application is told when it closes the channel itself. */
    CloseReason ownClose(int code, String reason);
}
