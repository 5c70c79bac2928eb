package org.httpkit.internal.channel;

import java.util.function.Consumer;
import org.httpkit.internal.net.Outflow;
import org.httpkit.server.CloseReason;
import org.jspecify.annotations.Nullable;

/**
 * Sends a channel's data over the wire: as an HTTP response or as WebSocket messages.
 *
 * <p>Used by one thread at a time: the channel's lock guards the methods that send data; {@link #complete}, {@link
 * #end} and {@link #fail} belong to the one thread that ends the channel, after the last send.
 */
interface ChannelOutput {

    /** Sends data that is in memory as a whole, unless it {@link #takesLong}. */
    void send(ChannelData data);

    /**
     * Whether encoding this data, which is in memory as a whole, takes so long that no other thread may wait for it.
     */
    boolean takesLong(ChannelData data);

    /** Encodes such data. Called without the lock, but by one thread at a time and in the order of the sends. */
    byte[] encode(ChannelData data);

    /** Sends such data in its encoded form. */
    void sendEncoded(ChannelData data, byte[] encoded);

    /** Begins data that arrives piece by piece. */
    void beginPieces(ChannelData data);

    /** Sends a piece of such data. */
    void sendPiece(byte[] bytes, int offset, int count);

    /** The largest piece, in bytes; the caller cuts longer ones. */
    default int mostPieceBytes() {
        return Integer.MAX_VALUE;
    }

    /** Is called after the last piece. */
    void endPieces();

    /** Frees what the output holds. Called after the last send. */
    void release();

    /** Whether the last data, if it comes now, belongs to {@link #complete}. */
    boolean isUnbegun();

    /**
     * Whether this data begins a response that is over with its head, because its request or its status allows no
     * content (RFC 9110 section 6.4.1): a HEAD request of a stream would otherwise hold its connection as long as the
     * stream.
     */
    boolean endsWithHead(ChannelData data);

    /**
     * Sends the whole response and ends. May block if the data has to be read from a stream.
     *
     * @param beforeEnd called before anything else when the link has the whole response (null), or when the response
     *     cannot be completed
     */
    void complete(ChannelData data, @Nullable Consumer<@Nullable Throwable> beforeEnd);

    /** Ends what goes to the client: completes the HTTP response, or begins the WebSocket's close handshake. */
    void end(int code, String reason);

    /** Ends because the application failed: the client must not mistake what it has for the whole. */
    void fail(Throwable cause);

    /** Whether it has ended and the link has everything. */
    boolean isComplete();

    /** Whether it has ended before it was complete. */
    boolean isCut();

    boolean isWebSocket();

    /** The way that sent data takes to the network. */
    Outflow outflow();

    /** The reason that the listener receives when the application closes the channel. */
    CloseReason ownClose(int code, String reason);
}
