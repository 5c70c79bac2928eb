package org.httpkit.topics;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** How far a server has read the shared log, and whether it can go on there. Pure; confined to its thread. */
final class LogPosition {
    /** What comes of a log that was opened, or of a record in it. */
    enum Outcome {
        /** It goes on where it was. */
        GOES_ON,
        /** The record is known already. */
        KNOWN,
        /** Records are missing, or it is another log: what comes next follows a gap. */
        GAP,
        /** The broker has lost records that were read here: their offsets will be used anew, so the epoch has to change. */
        LOST
    }

    private String epoch = "";
    private long offset;
    private byte @Nullable [] newest;

    /** Up to where the log has been read. */
    long offset() {
        return offset;
    }

    String epoch() {
        return epoch;
    }

    /** Whether the broker should be asked for the newest record that is known here: if it has another one in that place, it has lost some. */
    boolean wantsProof(String itsEpoch, long first, long last) {
        return itsEpoch.equals(epoch) && newest != null && first <= offset && offset <= last;
    }

    /**
     * The log was opened.
     *
     * @param proof the record that the broker has in the place of the newest one known here; null if nobody asked for it, or it is gone
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
        return Outcome.GOES_ON;
    }

    /** A record came. */
    Outcome read(long itsOffset, byte[] bytes) {
        if (itsOffset <= offset) {
            return Outcome.KNOWN;
        }
        Outcome outcome = itsOffset == offset + 1 ? Outcome.GOES_ON : Outcome.GAP;
        offset = itsOffset;
        newest = bytes;
        return outcome;
    }

    private void goOnBehind(String itsEpoch, long place) {
        epoch = itsEpoch;
        offset = place;
        newest = null;
    }
}
