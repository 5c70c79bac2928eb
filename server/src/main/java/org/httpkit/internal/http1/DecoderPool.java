package org.httpkit.internal.http1;

import org.httpkit.internal.fields.HeadLimits;
import org.httpkit.internal.fields.HeadParser;
import org.jspecify.annotations.Nullable;

/**
 * Lends working memory for reading requests to the connections of one loop: a connection borrows a decoder while it
 * reads a request, and the decoder borrows a parser while it reads a head. Confined to the loop.
 */
public final class DecoderPool {
    private @Nullable HeadParser spare;
    private @Nullable RequestDecoder spareDecoder;

    public DecoderPool() {}

    /** A decoder that has seen nothing yet. */
    public RequestDecoder borrowDecoder(HeadLimits limits) {
        RequestDecoder decoder = spareDecoder;
        if (decoder == null) {
            return new RequestDecoder(limits, this);
        }
        spareDecoder = null;
        decoder.setLimits(limits);
        return decoder;
    }

    /** Takes back a decoder that {@link RequestDecoder#isFresh}. */
    public void giveBack(RequestDecoder decoder) {
        decoder.release();
        spareDecoder = decoder;
    }

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
