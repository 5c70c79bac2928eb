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
            // There is nobody to say it to.
        }
    };

    /** How many listen everywhere, if so many do here. */
    long everywhere(String topic, int here);

    /** So many listen here now. */
    void changed(String topic, int here);
}
