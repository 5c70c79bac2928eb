package org.httpkit.internal.exchange;

import java.util.function.BooleanSupplier;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;

/**
 * Decides whether early hints still leave when their turn comes: any thread may send them while another one answers, and
 * nothing may follow the head of the answer but its content.
 */
final class EarlyHints implements BooleanSupplier {
    private final BooleanSupplier isAnswered;
    private volatile boolean aheadOfTheAnswer;

    private EarlyHints(BooleanSupplier isAnswered) {
        this.isAnswered = isAnswered;
    }

    /** Sends hints by that stream, unless somebody has begun to answer there. */
    static void send(Headers fields, HttpStream stream, BooleanSupplier isAnswered) {
        if (isAnswered.getAsBoolean()) {
            return;
        }
        EarlyHints hints = new EarlyHints(isAnswered);
        stream.interim(Status.EARLY_HINTS, fields, hints);
        if (!isAnswered.getAsBoolean()) {
            hints.aheadOfTheAnswer = true; // they have their place: an answer that comes now is behind them
        }
    }

    @Override
    public boolean getAsBoolean() {
        // In this order: the thread that answers may have been the one that set the flag.
        return !isAnswered.getAsBoolean() || aheadOfTheAnswer;
    }
}
