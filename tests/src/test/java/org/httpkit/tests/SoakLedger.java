package org.httpkit.tests;

import java.util.concurrent.atomic.AtomicLongArray;

/** What the soak's clients have asked for, and what came back whole and as it had to be. Safe from any thread. */
final class SoakLedger {
    private final AtomicLongArray asked = new AtomicLongArray(SoakKind.values().length);
    private final AtomicLongArray answered = new AtomicLongArray(SoakKind.values().length);

    void asked(SoakKind kind) {
        asked.incrementAndGet(kind.ordinal());
    }

    void answered(SoakKind kind) {
        answered.incrementAndGet(kind.ordinal());
    }

    long howManyAsked(SoakKind kind) {
        return asked.get(kind.ordinal());
    }

    long howManyAnswered(SoakKind kind) {
        return answered.get(kind.ordinal());
    }
}
