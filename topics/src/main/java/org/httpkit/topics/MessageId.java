package org.httpkit.topics;

import org.jspecify.annotations.Nullable;

/**
 * A message's place in the order of all messages: its number, and the epoch to which the number belongs. Immutable.
 *
 * <p>Ids of one epoch compare by their offset, on all servers that share a backplane. A new epoch begins when the old
 * one's numbers are lost: with each start of a process without a backplane, and when a broker has lost its log.
 *
 * @param epoch letters and digits, 1 to 32
 * @param offset 0 for the place before the first message
 */
public record MessageId(String epoch, long offset) {
    private static final int LONGEST_EPOCH = 32;

    /** @throws IllegalArgumentException if the epoch is not legal, or the offset is negative */
    public MessageId {
        if (!isEpoch(epoch)) {
            throw new IllegalArgumentException("epoch is \"" + epoch + "\"; it must be 1 to 32 letters and digits");
        }
        if (offset < 0) {
            throw new IllegalArgumentException("offset is " + offset + "; it must be 0 or more");
        }
    }

    /** Parses an id that a client has sent, in the form of {@link #toString}; returns null if it is none. */
    public static @Nullable MessageId parse(String text) {
        int dash = text.indexOf('-');
        if (dash < 0 || !isEpoch(text.substring(0, dash)) || text.length() - dash > 20) {
            return null;
        }
        String digits = text.substring(dash + 1);
        if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return null;
        }
        try {
            return new MessageId(text.substring(0, dash), Long.parseLong(digits));
        } catch (NumberFormatException e) {
            return null; // 19 digits may be too many
        }
    }

    private static boolean isEpoch(String text) {
        return !text.isEmpty()
                && text.length() <= LONGEST_EPOCH
                && text.chars()
                        .allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
    }

    /** The id as clients see it: {@code epoch-offset}. */
    @Override
    public String toString() {
        return epoch + "-" + offset;
    }
}
