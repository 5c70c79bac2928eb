package org.httpkit.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The reading half of a link, which knows no protocol. Confined to the loop thread.
 *
 * <p>It is a part of the {@link Link} by inheritance, to save one object per connection.
 */
public abstract class LinkInput extends LinkOutput {
    /** Reads in one turn, so that one busy peer does not monopolize the loop. */
    private static final int READS_PER_TURN = 4;

    /** A turn that has taken this long begins no further read. */
    private static final long LONG_TURN_NANOS = 50_000;

    /** See {@link Appetite}. */
    private byte appetite;
    /** Whether the last read took as much as was allowed, so that more probably waits. */
    private boolean filled;

    private boolean inputPaused;
    private boolean inputEnded;

    LinkInput(Loop loop, Transport wire) {
        super(loop, wire);
    }

    /** Stops reading, so that the peer's own full buffers hold it back. */
    public void pauseInput() {
        assert loop.isHeldByCaller();
        if (!inputPaused) {
            inputPaused = true;
            updateInterest();
        }
    }

    public void resumeInput() {
        assert loop.isHeldByCaller();
        if (inputPaused) {
            inputPaused = false;
            updateInterest();
            readHeldInput();
        }
    }

    /** Whether the peer has ended its side. */
    public boolean isInputEnded() {
        assert loop.isHeldByCaller();
        return inputEnded;
    }

    /** Whether the peer has probably sent more than was read. For the loop. */
    boolean wantsMore() {
        assert loop.isHeldByCaller();
        return filled && isReading();
    }

    /**
     * Whether the next turn may take long: the peer sends as much as is read, or does not take all that is sent. Then
     * others have their turns first. For the loop.
     */
    boolean isDemanding() {
        assert loop.isHeldByCaller();
        return filled || awaitsRoom();
    }

    private boolean isReading() {
        return !inputPaused && !inputEnded && !isClosed();
    }

    /**
     * Is called when there may be something to read, into this buffer. Takes little of the input of a link that was not
     * demanding before, because nothing is known of the time that it takes. For the loop.
     */
    public void readable(ByteBuffer input) {
        assert loop.isHeldByCaller();
        try {
            boolean mayTakeLong = filled;
            filled = false;
            if (mayTakeLong) {
                readMuch(input);
            } else {
                readLittle(input);
            }
            readHeldInput();
        } catch (IOException e) {
            close(e);
        } catch (Throwable e) {
            failed(e);
        }
    }

    private void readLittle(ByteBuffer input) throws IOException {
        for (int turn = 0; turn < READS_PER_TURN && isReading(); turn++) {
            read(input);
            if (filled || loop.hasCall() || !wire.hasInput()) {
                return;
            }
        }
    }

    private void readMuch(ByteBuffer input) throws IOException {
        long begun = loop.readClock();
        long before = begun;
        for (int turn = 0; turn < READS_PER_TURN && isReading(); turn++) {
            read(input);
            long now = loop.readClock();
            if (filled || Appetite.isSmall(appetite)) {
                appetite = Appetite.after(appetite, now - before);
            }
            boolean mayGoOn = !loop.hasCall() && (filled || wire.hasInput());
            if (!mayGoOn || now - begun > LONG_TURN_NANOS) {
                return;
            }
            before = now;
        }
    }

    private void read(ByteBuffer input) throws IOException {
        int besides = wire.mostBytesAtOnce();
        int allowed = Math.min(Appetite.bytes(appetite), input.capacity() - besides);
        int count = wire.read(input.clear().limit(allowed + besides));
        filled = count >= allowed;
        if (count > 0) {
            take(input.flip());
        } else if (count < 0) {
            inputEnded = true;
            updateInterest();
            inputOver();
        }
        // Output that the loop continues with ends with a flush. One for each read would pile up behind it.
        if (wire.wantsFlush() && !outbound.isLeftToLoop()) {
            send(new FlushSegment());
        }
    }

    /** Input that the transport has already read comes without the selector, in another turn. */
    void readHeldInput() {
        if (wire.hasInput() && isReading()) {
            readSoon();
        }
    }

    @Override
    public void updateInterest() {
        assert loop.isHeldByCaller();
        wire.interest(!inputPaused && !inputEnded, awaitsRoom());
    }

    // ---- for the other half to say

    /** Makes the loop give this link another turn, although the selector knows of no input. */
    abstract void readSoon();

    /** Passes input on to the protocol. Throws nothing. */
    abstract void take(ByteBuffer input);

    /** Passes on that the peer has ended its side. */
    abstract void inputOver();

    /** Closes at once; unwritten segments receive the cause. */
    abstract void close(@Nullable IOException cause);
}
