package org.httpkit.topics;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * A log that several servers share, in an existing broker: a record that one server appends, all read, in one order.
 * Separate modules implement it; {@link Topics.Builder#backplane} takes one.
 *
 * <p>Records are bytes that mean nothing to the broker. Each has an offset, greater by one than the previous record's.
 * The broker keeps as many as it is configured to, and drops the oldest.
 */
public interface Backplane {

    /**
     * Connects to the broker. A thread that may block calls it, and again when a session has failed; several sessions
     * may be open.
     *
     * @throws IOException if that is impossible now
     */
    Session open() throws IOException;

    /**
     * A connection to the log. Used by one thread at a time, which may block; but no method waits for ever for a broker
     * that hangs. After a method has failed, the caller closes the session and opens another one.
     */
    interface Session extends AutoCloseable {

        /**
         * The epoch of the log when the session was opened: 1 to 32 letters and digits. It changes when the broker has
         * lost the log, and after {@link #renew}.
         */
        String epoch();

        /** The offset of the oldest record that is kept, as of now; the next record's offset if there is none. */
        long first() throws IOException;

        /** The offset of the newest record, as of now; 0 if there never was one in this epoch. */
        long last() throws IOException;

        /**
         * Reads records behind an offset, oldest first. If there are none, waits for the first one.
         *
         * @param most the most records to return
         * @param wait the longest wait; zero for none
         * @return the records; none if the time is over. If the first one does not follow directly, those between are
         *     no longer kept
         * @throws IOException also if a new epoch has begun
         */
        List<Entry> read(long after, int most, Duration wait) throws IOException;

        /** The most bytes that a record may have. Default: no limit. Does not wait for the broker. */
        default long mostRecordBytes() {
            return Long.MAX_VALUE;
        }

        /**
         * Appends records in order, and waits until the broker has them.
         *
         * @param records none longer than {@link #mostRecordBytes}
         * @return their offsets
         * @throws IOException if one of them may not have been appended; others may
         */
        List<Long> append(List<byte[]> records) throws IOException;

        /**
         * Begins a new epoch, because the broker has lost records that a server had read. Does nothing if another
         * server has begun one.
         */
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
