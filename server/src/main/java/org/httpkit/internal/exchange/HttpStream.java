package org.httpkit.internal.exchange;

import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.net.Outflow;
import org.httpkit.internal.net.Segment;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Message;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * The way of one exchange to its client and back, whichever version of HTTP it came by.
 *
 * <p>Output belongs to the thread that has claimed the exchange ({@link Exchange#claim}), until {@link #exchangeOver} or {@link
 * #abort}. Any thread may call the other methods.
 */
public interface HttpStream {

    /** When content leaves that is handed over. */
    enum When {
        /** At once. */
        NOW,
        /** At the next turn of the loop, in one write with what else comes until then. */
        SOON
    }

    // ---- output

    /**
     * Sends an interim response. Any thread may do so.
     *
     * @param wanted asked when its turn to be written comes; if it is no longer wanted, it is left out
     */
    void interim(Status status, Headers fields, BooleanSupplier wanted);

    /** Whether content would follow that head: it does not in an answer to HEAD, nor with 204 or 304. */
    boolean hasContent(Response head, long length);

    /**
     * Sends a whole response, in one write where that is possible. The content is either small, and copied, or large, and not.
     *
     * @param length how many bytes the content has, also if it is not sent
     * @return whether the content is sent, too
     * @throws RuntimeException if a field cannot be written: then nothing has been sent
     */
    boolean whole(Response head, long length, byte @Nullable [] small, @Nullable Segment large);

    /**
     * Begins a response whose content comes piece by piece.
     *
     * @param length how many bytes there will be, or -1 if that is unknown
     * @param bytes where the first piece is, which is copied and leaves with the head
     * @param count its length; 0 if the head leaves alone
     * @return false if the connection is closed
     * @throws RuntimeException if a field cannot be written: then nothing has been sent
     */
    boolean begin(Response head, long length, byte[] bytes, int offset, int count);

    /** Sends a further piece, which is not empty and is copied; false if the connection is closed. */
    boolean data(byte[] bytes, int offset, int count, When when);

    /** Sends a further piece, which is not empty and is not copied; false if the connection is closed. */
    boolean data(Segment large);

    /**
     * Sends a further piece that many streams send, at the next turn of the loop; false if the connection is closed. It is short, not empty, and
     * encoded once for all of them if the version of HTTP allows that.
     */
    boolean shared(Message piece);

    /** The content is complete; fields follow it, if the version of HTTP has room for them there. */
    void end(Headers trailers);

    /** Everything was handed over: the connection may go on. */
    void exchangeOver();

    /** The response cannot be completed: the client must not take it for whole. */
    void abort(IOException why);

    /** Whether the exchange was over, or aborted. */
    boolean isOver();

    /** Whether the response could not be completed. For the thread that answers, and for others once it {@link #isOver}. */
    boolean isAborted();

    /** The flow of the output that was handed over. */
    Outflow outflow();

    // ---- input

    /** The reader of a streamed body has taken enough for more to be read. */
    void wantInput();

    /** The request holds more than when it was complete, since its body was decoded. */
    void requestGrew();

    /** Looks once more whether the client has ended its side: what comes up only now may have missed it. */
    void recheckInputEnd();

    // ---- the rest

    /**
     * Prepares the switch to a protocol of the application's. HTTP/1.1 only.
     *
     * @param fields those of the answer 101
     * @param idleTimeout how long nothing may pass in either direction
     * @throws IllegalArgumentException if a field cannot be written
     * @throws IllegalStateException if another protocol has the connection already
     */
    ProtocolSwitch newSwitch(Headers fields, Duration idleTimeout);

    /** Makes the channel of the exchange. */
    ExchangeChannel newChannel(ChannelOptions options, ChannelListener listener);
}
