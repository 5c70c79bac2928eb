package org.httpkit.internal.channel;

import java.io.IOException;
import java.util.function.Consumer;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.ReceivedRequest;
import org.httpkit.internal.net.Link;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Request;
import org.jspecify.annotations.Nullable;

/** A channel as its WebSocket connection sees it. Safe from any thread. */
public interface MessageChannel {

    /** What the application has. */
    AsyncChannel handle();

    /**
     * The client's handshake was accepted: from now on data goes out as WebSocket messages.
     *
     * @param kept the request, in the form in which it outlives its exchange
     * @return false if the client has gone
     */
    boolean upgrade(MessageOutput output, ReceivedRequest kept, @Nullable String agreedSubprotocol);

    ServerContext context();

    Link link();

    Request request();

    /** Whether the end has been decided on, so that no message is wanted any more. */
    boolean isEnding();

    /** Why the channel was closed; null before. */
    @Nullable
    CloseReason closeReason();

    /** Whether pings are left to the application to answer. */
    boolean answersPings();

    /** How many calls to the listener have not been made yet. */
    int callsWaiting();

    /** Runs a task that is to {@link #make} a call to the listener in its turn. False if the worker has no room for it. */
    boolean give(Runnable call);

    /** Makes the call, in a task whose turn it is. */
    void make(Consumer<ChannelListener> call);

    /** Runs something that does not block after all calls made so far. */
    void afterCalls(Runnable task);

    /** The channel has ended: only the first reason counts, else this is false. */
    boolean closed(CloseReason reason);

    /** The client has taken everything that waited. */
    void drained();

    /** The server stops. */
    void serverStopping();

    /** The connection is closed under the channel. */
    void connectionClosed(@Nullable IOException failure, boolean stopping);
}
