package org.httpkit.topics;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A receiver without a channel: what it gets is written down, and a test says how fast it is. */
final class PlayedReceiver extends Receiver {
    final List<String> got = Collections.synchronizedList(new ArrayList<>());

    private final WhenSlow whenSlow;
    /** How much it takes before it counts as slow. */
    int room = Integer.MAX_VALUE;

    boolean presence;
    boolean closed;
    boolean waits;
    int waited;
    int waiting;

    PlayedReceiver() {
        this(WhenSlow.CLOSE);
    }

    PlayedReceiver(WhenSlow whenSlow) {
        this.whenSlow = whenSlow;
    }

    /** What it got since the last time. */
    List<String> take() {
        List<String> taken = List.copyOf(got);
        got.clear();
        return taken;
    }

    /** The client takes everything; if topics wait for that, they go on. */
    void drain(TopicTable table) {
        waiting = 0;
        if (waits) {
            waits = false;
            table.hasRoom(this);
        }
    }

    @Override
    WhenSlow whenSlow() {
        return whenSlow;
    }

    @Override
    boolean give(Entry entry) {
        if (closed) {
            return false;
        }
        waiting++;
        got.add(entry.topic.name + " " + entry.offset + " " + entry.message.text());
        return true;
    }

    @Override
    void tell(Notice notice, String topic, String value) {
        got.add((notice.name().toLowerCase(java.util.Locale.ROOT) + " " + topic + " " + value)
                .strip()
                .replace("  ", " "));
    }

    @Override
    boolean isSlow() {
        return waiting >= room;
    }

    @Override
    void proceedWhenThereIsRoom() {
        waits = true;
        waited++;
    }

    @Override
    boolean wantsPresence() {
        return presence;
    }

    @Override
    void hangUp() {
        got.add("hung up");
    }
}
