package org.httpkit.internal.http1;

import org.jspecify.annotations.Nullable;

/**
 * Working memory for reading heads, shared by all decoders of one loop: a decoder borrows it for one call, and keeps it only
 * while its head is incomplete. Confined to its loop thread.
 */
public final class HeadScratch {
    private @Nullable HeadParser spare;

    public HeadScratch() {}

    HeadParser borrow() {
        HeadParser parser = spare;
        spare = null;
        return parser != null ? parser : new HeadParser();
    }

    void giveBack(HeadParser parser) {
        parser.clear();
        spare = parser;
    }
}
