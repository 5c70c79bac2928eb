package org.httpkit.internal.exchange;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.dispatch.ClientWait;
import org.httpkit.internal.dispatch.GrowingPool;
import org.httpkit.server.RequestBody;
import org.jspecify.annotations.Nullable;

/**
 * A request body that the handler reads while it arrives: the loop offers bytes, one reader takes them. When more bytes
 * wait than the reader has asked for, the loop stops reading the socket, so that TCP holds the client back.
 */
public final class StreamedBody extends InputStream implements RequestBody {
    /** How many bytes may wait for the reader before the loop stops reading the socket. */
    private static final int MAX_WAITING_BYTES = 64 * 1024;

    private enum State {
        OPEN,
        ENDED,
        FAILED,
        DISCARDED
    }

    private final Runnable wakeLoop;
    private final Runnable sendContinue;
    private final Consumer<ClientWait> giveUp;
    private final long declaredBytes;
    private final long mostBytes;
    /** The request's fields, which name the charset; read only when the handler asks for text. */
    private final Headers headers;

    private final Lock lock;
    private final Condition arrived;

    // Guarded by the lock.
    private State state = State.OPEN;
    private ByteQueue waiting = new ByteQueue(0);
    private long offeredBytes;
    private int position;
    private boolean loopWaits;
    private boolean wanted;
    private @Nullable IOException failure;
    private Headers trailers = Headers.empty();

    /** Whether the client still waits for 100, and may never send the body. */
    private volatile boolean continueIsDue;

    private volatile boolean responseBegun;

    // The reader's own.
    private boolean continueAsked;

    /** What the handler reads instead; null if the body has no coding. Written before the handler runs, read by any thread. */
    private volatile @Nullable DecodedBody decoded;

    /**
     * @param lock guards this body alone
     * @param wakeLoop wakes the loop that {@link #offer} has paused
     * @param sendContinue sends 100 to the client, if that is due
     * @param giveUp ends the wait of a reader whose thread other tasks need; any thread may call it
     * @param mostBytes the longest body accepted, in bytes
     */
    public StreamedBody(
            Lock lock,
            Runnable wakeLoop,
            Runnable sendContinue,
            Consumer<ClientWait> giveUp,
            long declaredBytes,
            long mostBytes,
            Headers headers,
            boolean continueIsDue) {
        this.lock = lock;
        this.arrived = lock.newCondition();
        this.wakeLoop = wakeLoop;
        this.sendContinue = sendContinue;
        this.giveUp = giveUp;
        this.declaredBytes = declaredBytes;
        this.mostBytes = mostBytes;
        this.headers = headers;
        this.continueIsDue = continueIsDue;
    }

    /** Makes the input of a connection that has left HTTP, which has neither a length nor a limit. */
    public static StreamedBody endless(Lock lock, Runnable wakeLoop, Consumer<ClientWait> giveUp) {
        return new StreamedBody(lock, wakeLoop, () -> {}, giveUp, -1, Long.MAX_VALUE, Headers.empty(), false);
    }

    // ---- the loop

    /** Takes bytes that have arrived. Returns false when that is enough for now. */
    public boolean offer(byte[] bytes, int offset, int count) {
        lock.lock();
        try {
            offeredBytes += count;
            if (state == State.OPEN && offeredBytes > mostBytes) {
                state = State.FAILED;
                failure = tooLarge();
                loopWaits = true; // the loop pauses the client until the request has its answer
                arrived.signal();
            }
            if (state == State.OPEN) {
                if (position > 0) {
                    compact();
                }
                waiting.append(bytes, offset, count);
                arrived.signal();
                if (waiting.length() >= MAX_WAITING_BYTES) {
                    loopWaits = true; // until the reader wakes it, even if more bytes come that were already read
                }
            }
            return !loopWaits;
        } finally {
            lock.unlock();
        }
    }

    /** Is called when the body is complete. */
    public void end(Headers trailers) {
        settle(State.ENDED, null, trailers);
    }

    /** Is called when the body will never be complete. */
    public void fail(IOException cause) {
        settle(State.FAILED, cause, Headers.empty());
    }

    /**
     * Drops the rest, because the request has its answer. A reader that continues must not mistake what it has for the
     * whole body.
     */
    public void discard() {
        lock.lock();
        try {
            if (state == State.OPEN || (state == State.ENDED && waiting.length() > position)) {
                state = State.DISCARDED;
                failure = new IOException("The request has been answered: the rest of its body was dropped");
                arrived.signalAll();
            }
            waiting = new ByteQueue(0);
            position = 0;
            loopWaits = false;
        } finally {
            lock.unlock();
        }
    }

    /** Size of the array for waiting bytes, even if none wait now. */
    public int heldBytes() {
        lock.lock();
        try {
            return waiting.capacity();
        } finally {
            lock.unlock();
        }
    }

    /** Frees the array for waiting bytes if none wait; returns whether it did. */
    public boolean rest() {
        lock.lock();
        try {
            boolean frees = waiting.length() == position && waiting.capacity() > 0;
            if (frees) {
                waiting = new ByteQueue(0);
                position = 0;
            }
            return frees;
        } finally {
            lock.unlock();
        }
    }

    /** Whether a reader waits for bytes. If not, the client is not the slow side. */
    public boolean wantsMore() {
        lock.lock();
        try {
            return wanted;
        } finally {
            lock.unlock();
        }
    }

    private void settle(State end, @Nullable IOException cause, Headers trailers) {
        lock.lock();
        try {
            if (state == State.OPEN) {
                state = end;
                failure = cause;
                this.trailers = trailers;
                arrived.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void compact() {
        int rest = waiting.length() - position;
        System.arraycopy(waiting.array(), position, waiting.array(), 0, rest);
        waiting.truncate(rest);
        position = 0;
    }

    // ---- any thread

    /** Whether the whole body has arrived. */
    boolean isComplete() {
        lock.lock();
        try {
            return state == State.ENDED;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Is called when the server is about to send 100; returns false if it must not, because the response goes out. A
     * handler may have claimed the exchange long before, and read while it answers.
     */
    boolean tryContinue() {
        if (responseBegun) {
            return false;
        }
        // Behind that look: whose response begins from here on finds the client told, or says that the connection
        // closes.
        continueIsDue = false;
        return true;
    }

    /** Is called before the head of the response is made. */
    void responseBegins() {
        responseBegun = true;
    }

    /** Whether the client still waits for 100. */
    boolean isContinueDue() {
        return continueIsDue;
    }

    Headers trailers() {
        lock.lock();
        try {
            return trailers;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long length() {
        return declaredBytes;
    }

    // ---- the reader

    /** @throws RefusedBodyException if the announced length exceeds the limit */
    void requireAnnouncedLength() throws RefusedBodyException {
        if (declaredBytes > mostBytes) {
            throw tooLarge();
        }
    }

    private RefusedBodyException tooLarge() {
        return RefusedBodyException.untold(Status.CONTENT_TOO_LARGE, RefusedBodyException.largerThan(mostBytes), null);
    }

    /** Makes the handler read {@code decoded} instead, which reads this body. */
    void readAs(DecodedBody decoded) {
        this.decoded = decoded;
    }

    /** The body that the handler reads. */
    RequestBody asRead() {
        DecodedBody instead = decoded;
        return instead == null ? this : instead;
    }

    /** Frees what decodes the body. */
    void release() {
        DecodedBody instead = decoded;
        if (instead != null) {
            instead.release();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, target.length);
        if (count == 0) {
            return 0;
        }
        if (continueIsDue && !continueAsked) {
            continueAsked = true;
            sendContinue.run();
        }
        ClientWait wait = available() == 0 ? GrowingPool.beginWait(giveUp) : null; // without the lock, which loops take
        try {
            return take(target, offset, count);
        } finally {
            if (wait != null) {
                wait.close();
            }
        }
    }

    private int take(byte[] target, int offset, int count) throws IOException {
        boolean loopMayGoOn;
        int taken;
        lock.lock();
        try {
            awaitBytes();
            if (failure != null) {
                throw failure;
            }
            continueIsDue = false; // the client sends the body with or without 100
            taken = Math.min(count, waiting.length() - position);
            if (taken == 0) {
                return -1;
            }
            System.arraycopy(waiting.array(), position, target, offset, taken);
            position += taken;
            if (position == waiting.length()) {
                waiting.clear();
                position = 0;
            }
            loopMayGoOn = loopWaits && waiting.length() - position < MAX_WAITING_BYTES / 2;
            if (loopMayGoOn) {
                loopWaits = false;
            }
        } finally {
            lock.unlock();
        }
        if (loopMayGoOn) {
            wakeLoop.run();
        }
        return taken;
    }

    @Override
    public int available() {
        lock.lock();
        try {
            return waiting.length() - position;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public byte[] bytes() throws IOException {
        return readAllBytes();
    }

    @Override
    public String text() throws IOException {
        return new String(bytes(), Charsets.of(headers));
    }

    @Override
    public InputStream stream() {
        return this;
    }

    private void awaitBytes() throws IOException {
        wanted = true;
        try {
            while (state == State.OPEN && waiting.length() == position) {
                arrived.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("Interrupted while waiting for the client").initCause(e);
        } finally {
            wanted = false;
        }
    }
}
