package org.httpkit.internal.exchange;

import java.io.IOException;
import org.httpkit.internal.net.Protocol;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelOptions;
import org.jspecify.annotations.Nullable;

/**
 * The channel of an exchange, as the exchange sees it. Safe from any thread, except for methods marked "Loop thread".
 */
public interface ExchangeChannel {

    /** The application's side of this channel. */
    AsyncChannel handle();

    /**
     * Answers the handshake if there is one, opens the channel, and calls the listener. The caller has claimed the
     * exchange for it.
     */
    void open(ChannelOptions options);

    /** Whether this channel has claimed the exchange, so that only it may answer. */
    boolean isClaimed();

    /** Whether it is still undecided if the channel will be a WebSocket. */
    boolean isOpening();

    boolean isWebSocket();

    /** Whether the channel has begun to send a stream, which ends only when the application ends it. */
    boolean isStream();

    /** The status of a response that has begun, or 0. */
    int begunStatus();

    /** The deadline for an answer that has not begun; {@link Protocol#NO_DEADLINE} if no answer is due. Loop thread. */
    long unansweredUntil();

    /** Is called when that deadline has passed. Loop thread. */
    void answerIsDue(long nowNanos);

    /** Is called when the handler has returned this channel as its response. */
    void handedOver();

    /** Is called when the handler has returned a response although it had claimed the exchange for this channel. */
    void notReturned();

    /** Is called when the handler has answered without the channel. */
    void answeredOtherwise();

    /** Is called when the application's code has failed and the observer has been informed. */
    void failed(Throwable failure);

    /** Makes the calls that waited for the channel to open. */
    void beginCalls();

    /** Is called when the server stops. */
    void serverStopping();

    /** Is called when the client has taken everything that waited. */
    void drained();

    /** Is called when the client has ended its side before the channel has claimed the exchange. */
    void peerEnded();

    /** Is called when the connection closes before the channel does. */
    void connectionClosed(@Nullable IOException failure, boolean stopping);
}
