package org.httpkit.internal.exchange;

import java.io.IOException;
import org.httpkit.internal.net.Protocol;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelOptions;
import org.jspecify.annotations.Nullable;

/** The channel of an exchange, as the exchange sees it. Safe from any thread but for what says that it belongs to the loop. */
public interface ExchangeChannel {

    /** What the application has. */
    AsyncChannel handle();

    /** Answers the handshake if there is one, opens the channel, and calls the listener. The exchange was claimed for it. */
    void open(ChannelOptions options);

    /** Whether the exchange is this channel's, so that nobody else may answer it. */
    boolean isClaimed();

    /** Whether it is not known yet if this will be a WebSocket. */
    boolean isOpening();

    boolean isWebSocket();

    /** Whether something has been sent of what has no end of its own. */
    boolean isStream();

    /** The status of a response that has begun, or 0. */
    int begunStatus();

    /** When to ask for the answer that has not begun; {@link Protocol#NO_DEADLINE} if there is none to ask for. Loop thread. */
    long unansweredUntil();

    /** That time has come. Loop thread. */
    void answerIsDue(long nowNanos);

    /** The handler has returned this channel as its response. */
    void handedOver();

    /** The handler has returned something else, though it had claimed the exchange for this channel. */
    void notReturned();

    /** The handler has answered without the channel. */
    void answeredOtherwise();

    /** The application's code has failed, and the observer knows. */
    void failed(Throwable failure);

    /** Makes the calls that have waited for the channel to be open. */
    void beginCalls();

    /** The server stops. */
    void serverStopping();

    /** The client has taken everything that waited. */
    void drained();

    /** The connection is closed under the channel. */
    void connectionClosed(@Nullable IOException failure, boolean stopping);
}
