package org.httpkit.internal.connection;

import org.httpkit.server.CloseReason;

/** How a channel's data goes over the wire: as an HTTP response or as WebSocket messages. Guarded by the channel's lock. */
interface Carrier {

    /** Sends data that is all there. */
    void send(Outgoing data);

    /** Begins data that comes piece by piece. */
    void beginPieces(Outgoing data);

    /** Sends a piece of it. */
    void sendPiece(byte[] bytes, int offset, int count);

    /** The pieces are complete. */
    void endPieces();

    /**
     * Sends data as the last, and ends.
     *
     * @return false if the caller has to send it and then {@link #end}
     */
    boolean sendLast(Outgoing data);

    /** Ends what goes to the client; for HTTP a complete response, for WebSocket the close handshake. */
    void end(int code, String reason);

    /** Cuts it off: the client must not take what it has for all. */
    void abort(Throwable cause);

    boolean isWebSocket();

    /** What the application is told when it closes the channel itself. */
    CloseReason ownClose(int code, String reason);
}
