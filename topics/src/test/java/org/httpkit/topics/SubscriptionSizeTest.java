package org.httpkit.topics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.openjdk.jol.info.ClassLayout;

/** What a subscription costs above its channel, in bytes of heap. */
class SubscriptionSizeTest {

    /** The receiver is the channel's listener, so there is nothing else for each but its place in the topic. */
    @Test
    void costsAtMostAHundredBytes() {
        long bytes = ClassLayout.parseClass(ChannelReceiver.class).instanceSize()
                + ClassLayout.parseClass(Membership.class).instanceSize();
        assertThat(bytes).isLessThanOrEqualTo(100);
    }
}
