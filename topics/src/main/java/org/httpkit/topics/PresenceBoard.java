package org.httpkit.topics;

/** Knows how many listen to a topic on other servers. Safe from any thread. */
interface PresenceBoard {
    /** There are no other servers. */
    PresenceBoard ALONE = new PresenceBoard() {
        @Override
        public long everywhere(String topic, int here) {
            return here;
        }

        @Override
        public void changed(String topic, int here) {
            // No other server wants the counts.
        }
    };

    /** Returns how many listen everywhere, given how many listen here. */
    long everywhere(String topic, int here);

    /** Reports how many listen here now. */
    void changed(String topic, int here);
}
