package org.httpkit.internal.context;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.httpkit.server.CloseReason.Cause;

/** Counts the events on all connections of a server. Safe from any thread. */
public final class Counters {
    private final LongAdder exchangesBegun = new LongAdder();
    private final LongAdder exchangesEnded = new LongAdder();
    private final LongAdder exchangesDrained = new LongAdder();
    private final LongAdder answersCut = new LongAdder();
    private final LongAdder webSocketsOpen = new LongAdder();
    private final LongAdder handshakesFull = new LongAdder();
    private final LongAdder handshakesResumed = new LongAdder();
    private final LongAdder handshakesFailed = new LongAdder();
    private final LongAdder streamsOpened = new LongAdder();
    private final LongAdder streamsEnded = new LongAdder();
    private final LongAdder streamsResetByClients = new LongAdder();
    private final LongAdder streamsResetByServer = new LongAdder();
    private final LongAdder streamsHeldBack = new LongAdder();
    private final LongAdder[] statusClasses = new LongAdder[6];
    private final Map<Cause, LongAdder> closes = new EnumMap<>(Cause.class);

    Counters() {
        for (int i = 0; i < statusClasses.length; i++) {
            statusClasses[i] = new LongAdder();
        }
        for (Cause cause : Cause.values()) {
            closes.put(cause, new LongAdder());
        }
    }

    void handshakeDone(boolean resumed) {
        (resumed ? handshakesResumed : handshakesFull).increment();
    }

    void handshakeFailed() {
        handshakesFailed.increment();
    }

    /** TLS handshakes that agreed on new keys. */
    public long handshakesFull() {
        return handshakesFull.sum();
    }

    /** TLS handshakes that went on with an earlier session. */
    public long handshakesResumed() {
        return handshakesResumed.sum();
    }

    public long handshakesFailed() {
        return handshakesFailed.sum();
    }

    void streamOpened() {
        streamsOpened.increment();
    }

    void streamsEnded(int count) {
        streamsEnded.add(count);
    }

    void streamReset(boolean byClient) {
        (byClient ? streamsResetByClients : streamsResetByServer).increment();
    }

    void streamHeldBack() {
        streamsHeldBack.increment();
    }

    /** Streams of HTTP/2 that are open. */
    public int streamsOpen() {
        long ended = streamsEnded.sum(); // first, as below
        return (int) Math.max(0, streamsOpened.sum() - ended);
    }

    /** Streams of HTTP/2 that clients have opened. */
    public long streamsOpened() {
        return streamsOpened.sum();
    }

    public long streamsResetByClients() {
        return streamsResetByClients.sum();
    }

    public long streamsResetByServer() {
        return streamsResetByServer.sum();
    }

    /** How often an answer had to wait for a window. */
    public long streamsHeldBack() {
        return streamsHeldBack.sum();
    }

    void exchangeBegan() {
        exchangesBegun.increment();
    }

    void exchangeEnded() {
        exchangesEnded.increment();
    }

    void exchangeDrained() {
        exchangesDrained.increment();
    }

    void answerCut() {
        answersCut.increment();
    }

    void webSocketOpened() {
        webSocketsOpen.increment();
    }

    void webSocketClosed() {
        webSocketsOpen.decrement();
    }

    void responded(int status) {
        statusClasses[status / 100].increment();
    }

    void closed(Cause cause) {
        LongAdder counter = closes.get(cause);
        if (counter != null) {
            counter.increment();
        }
    }

    /** Requests whose head has arrived. */
    public long exchangesBegun() {
        return exchangesBegun.sum();
    }

    /** Exchanges that are over, answered or not. */
    public long exchangesEnded() {
        return exchangesEnded.sum();
    }

    /** Answers that left in full while the server was stopping. */
    public long exchangesDrained() {
        return exchangesDrained.sum();
    }

    /** Answers that were given and had not left in full when the stop closed their connections. */
    public long answersCut() {
        return answersCut.sum();
    }

    /** How many exchanges run. */
    public long exchangesRunning() {
        long over =
                exchangesEnded.sum(); // first: what ends between the two looks must not make the difference negative
        return Math.max(0, exchangesBegun.sum() - over);
    }

    /** How many WebSockets are open. */
    public int webSocketsOpen() {
        return Math.max(0, webSocketsOpen.intValue());
    }

    /** Responses by the first digit of their status, at index 1 to 5. */
    public long[] statusClasses() {
        long[] sums = new long[statusClasses.length];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = statusClasses[i].sum();
        }
        return sums;
    }

    /** Closed connections by cause; every cause is there. */
    public Map<Cause, Long> closes() {
        Map<Cause, Long> sums = new EnumMap<>(Cause.class);
        closes.forEach((cause, counter) -> sums.put(cause, counter.sum()));
        return sums;
    }
}
