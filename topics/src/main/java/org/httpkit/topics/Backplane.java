package org.httpkit.topics;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * A log that several servers share, in a broker that exists: what one appends, all read, in one order. Implementations are modules of their
 * own; {@link Topics.Builder#backplane} takes one.
 *
 * <p>Records are bytes that mean nothing to the broker. Each has an offset, greater by one than that of the record before. The broker keeps
 * as many as it is told, and drops the oldest.
 */
public interface Backplane {

    /**
     * Connects to the broker. Called by a thread that may block, and again when a session has failed; several may be open.
     *
     * @throws IOException if that cannot be now
     */
    Session open() throws IOException;

    /**
     * A connection to the log. Used by one thread at a time, which may block. When a method has failed, the session is closed, and another
     * one opened.
     */
    interface Session extends AutoCloseable {

        /**
         * The epoch of the log as it was when the session was opened: 1 to 32 letters and digits. Another one if the broker has lost the log, and
         * after {@link #renew}.
         */
        String epoch();

        /** The offset of the oldest record that is kept, as of now; that of the next one if there is none. */
        long first() throws IOException;

        /** The offset of the newest record, as of now; 0 if there never was one in this epoch. */
        long last() throws IOException;

        /**
         * Records behind an offset, oldest first. If there are none, waits for the first one.
         *
         * @param most how many at most
         * @param wait how long at most; zero for not at all
         * @return none if the time is over. If the first one is not the next one, those between are not kept any more
         * @throws IOException also if a new epoch has begun
         */
        List<Entry> read(long after, int most, Duration wait) throws IOException;

        /**
         * Appends records in their order, and waits until the broker has them.
         *
         * @return their offsets
         * @throws IOException if one of them may not have been appended; others may
         */
        List<Long> append(List<byte[]> records) throws IOException;

        /** Begins a new epoch: the broker has lost records of this one that a server had read. Nothing if somebody else has begun one. */
        void renew() throws IOException;

        @Override
        void close();
    }

    /**
     * A record and its place in the log.
     *
     * @param offset 1 or more
     * @param bytes not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record Entry(long offset, byte[] bytes) {}
}
