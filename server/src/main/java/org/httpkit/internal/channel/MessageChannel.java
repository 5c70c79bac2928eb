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

    /** The application's side of this channel. */
    AsyncChannel handle();

    /**
     * Is called when the handshake was accepted: from now on data leaves as WebSocket messages.
     *
     * @param kept the request in the form that outlives its exchange
     * @return false if the client has gone
     */
    boolean upgrade(MessageOutput output, ReceivedRequest kept, @Nullable String agreedSubprotocol);

    ServerContext context();

    Link link();

    Request request();

    /** Whether the channel is about to end, so that it wants no more messages. */
    boolean isEnding();

    /** Why the channel was closed; null before. */
    @Nullable
    CloseReason closeReason();

    /** Whether the application answers pings itself. */
    boolean answersPings();

    /** How many calls to the listener have not been made yet. */
    int callsWaiting();

    /**
     * Runs a task in its turn, which {@link #make makes} a call to the listener. Returns false if the worker has no
     * room for it.
     */
    boolean give(Runnable call);

    /** Makes the call, in a task whose turn it is. */
    void make(Consumer<ChannelListener> call);

    /** Runs a task after all calls so far. The task must not block. */
    void afterCalls(Runnable task);

    /** Is called when the channel has ended. Only the first reason counts; returns false for later ones. */
    boolean closed(CloseReason reason);

    /** Is called when the client has taken everything that waited. */
    void drained();

    /** Is called when the server stops. */
    void serverStopping();

    /** Is called when the connection closes before the channel does. */
    void connectionClosed(@Nullable IOException failure, boolean stopping);
}
