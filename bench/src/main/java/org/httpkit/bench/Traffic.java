package org.httpkit.bench;

import java.io.IOException;
import java.nio.channels.SelectionKey;

/** What a load generator sends at a constant rate, whatever the server does. Confined to the thread that selects. */
interface Traffic {
    /** The attachment of a key: a connection that takes what its server sends. */
    interface Client {
        void ready(SelectionKey key) throws IOException;
    }

    /** Begins at that time of {@link System#nanoTime}. */
    void begin(long start);

    /** Sends what is due by now. */
    void sendDue(long now) throws IOException;

    /** How many have been answered of those that were due, and what they are: {@code 9 of 10 uploads}. */
    String outcome();
}
