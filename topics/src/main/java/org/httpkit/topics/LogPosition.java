package org.httpkit.topics;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Tracks how far a server has read the shared log, and whether it can go on there. Pure; confined to its thread. */
final class LogPosition {
    /** The outcome of opening a log, or of reading a record in it. */
    enum Outcome {
        /** Reading goes on where it was. */
        GOES_ON,
        /** The record is known already. */
        KNOWN,
        /** Records are missing, or it is another log: the next record follows a gap. */
        GAP,
        /**
         * The broker has lost records that this server has read: it will use their offsets again, so the epoch has to
         * change.
         */
        LOST
    }

    private String epoch = "";
    private long offset;
    private byte @Nullable [] newest;
    private boolean hasLost;

    /** The offset up to which the log has been read. */
    long offset() {
        return offset;
    }

    String epoch() {
        return epoch;
    }

    /**
     * Whether to ask the broker for the newest record known here: if it has another one in that place, it has lost
     * some.
     */
    boolean wantsProof(String itsEpoch, long first, long last) {
        return itsEpoch.equals(epoch) && newest != null && first <= offset && offset <= last;
    }

    /**
     * Is called when the log has been opened.
     *
     * @param proof the broker's record in the place of the newest one known here; null if it was not requested, or is
     *     gone
     */
    Outcome opened(String itsEpoch, long first, long last, byte @Nullable [] proof) {
        if (!itsEpoch.equals(epoch)) {
            goOnBehind(itsEpoch, first - 1);
            return Outcome.GAP;
        }
        if (last < offset || (proof != null && newest != null && !Arrays.equals(proof, newest))) {
            return Outcome.LOST;
        }
        if (first > offset + 1) {
            goOnBehind(itsEpoch, first - 1);
            return Outcome.GAP;
        }
        if (hasLost) {
            hasLost = false;
            return Outcome.GAP;
        }
        return Outcome.GOES_ON;
    }

    /** Is called when a record has come. */
    Outcome read(long itsOffset, byte[] bytes) {
        if (itsOffset <= offset) {
            return Outcome.KNOWN;
        }
        Outcome outcome = itsOffset == offset + 1 ? Outcome.GOES_ON : Outcome.GAP;
        offset = itsOffset;
        newest = bytes;
        return outcome;
    }

    /** Is called when this server has lost the record that was read last: it goes on behind a gap. */
    void lost() {
        hasLost = true;
    }

    private void goOnBehind(String itsEpoch, long place) {
        epoch = itsEpoch;
        offset = place;
        newest = null;
        hasLost = false;
    }
}
