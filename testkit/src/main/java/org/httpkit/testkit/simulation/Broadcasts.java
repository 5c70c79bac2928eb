package org.httpkit.testkit.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.Message;
import org.httpkit.server.SendResult;
import org.jspecify.annotations.Nullable;

/**
 * Sends each message to all open channels, and keeps what each channel accepted. That has to arrive in this order, or the channel
 * has to report that it will not.
 */
final class Broadcasts {
    /** No other text begins like one of these. */
    static final char MARK = '*';

    /** From this many channels on, the server treats them as many. */
    private static final int MANY = 6;

    private static final int TOO_LONG_TO_WAIT = 9000;
    /** What a frame or a chunk adds at most. */
    private static final int FRAMING_BYTES = 16;

    private final Schedule schedule;
    private final List<Subscriber> open = new ArrayList<>();
    private final Map<String, Subscriber> all = new HashMap<>();
    private int count;
    private long bytes;

    Broadcasts(Schedule schedule) {
        this.schedule = schedule;
    }

    void add(String id, AsyncChannel channel) {
        Subscriber subscriber = new Subscriber(channel);
        if (all.put(id, subscriber) != null) {
            throw new AssertionError("Channel " + id + " was opened twice");
        }
        open.add(subscriber);
    }

    void remove(AsyncChannel channel) {
        open.removeIf(each -> each.channel.equals(channel));
    }

    /** Sends one or more, right after each other. */
    void sendSome() {
        for (int left = 1 + schedule.random().nextInt(5); left > 0; left--) {
            send();
        }
    }

    /** Sends something to all, as one message or as equal texts. */
    void send() {
        if (open.isEmpty()) {
            return;
        }
        if (open.size() >= MANY) {
            schedule.tally.add(Happening.BROADCAST);
        }
        int length = schedule.oneIn(20) ? TOO_LONG_TO_WAIT : schedule.random().nextInt(schedule.oneIn(6) ? 4000 : 40);
        String text = MARK + String.valueOf(count++) + "-".repeat(length) + ";";
        bytes += text.length() + FRAMING_BYTES;
        Object data = schedule.oneIn(3) ? text : Message.text(text);
        boolean heard = schedule.oneIn(3);
        for (Subscriber subscriber : List.copyOf(open)) {
            subscriber.send(data, text, heard);
        }
    }

    /** How many bytes wait for a client that has taken nothing. */
    long mostQueuedBytes() {
        return bytes;
    }

    /** What the channel of that name accepted; empty if it was never opened. */
    List<String> taken(String id) {
        return deliveries(id).stream().map(Delivery::text).toList();
    }

    /**
     * Compares what has arrived on a channel with what the channel has reported.
     *
     * @param tookAll whether the client took all that the system had for it
     * @throws AssertionError if it is wrong
     */
    void verify(String id, int arrived, boolean tookAll) {
        int number = 0;
        for (Delivery delivery : deliveries(id)) {
            boolean hasArrived = number++ < arrived;
            if (hasArrived ? delivery.isFailed() : tookAll && delivery.isSent()) {
                throw new AssertionError("Of broadcast " + number + ", of which " + arrived
                        + " have arrived, it was told that it was " + (hasArrived ? "not sent" : "sent"));
            }
        }
    }

    /** Called when all is over. */
    void verify() {
        all.values().forEach(each -> each.taken.forEach(Delivery::verify));
    }

    private List<Delivery> deliveries(String id) {
        Subscriber subscriber = all.get(id);
        return subscriber == null ? List.of() : subscriber.taken;
    }

    private static final class Subscriber {
        private final AsyncChannel channel;
        private final List<Delivery> taken = new ArrayList<>();

        Subscriber(AsyncChannel channel) {
            this.channel = channel;
        }

        void send(Object data, String text, boolean heard) {
            Delivery delivery = new Delivery(text, heard);
            SendResult result = channel.trySend(data, false, heard ? delivery::done : null);
            if (result == SendResult.SENT || result == SendResult.QUEUED) {
                taken.add(delivery);
            } else if (heard && !delivery.isFailed()) {
                throw new AssertionError("A broadcast was refused, and no cause told");
            }
        }
    }

    /** One broadcast on its way to one client. */
    private static final class Delivery {
        private final String text;
        /** Whether the sender waits for the outcome. If not, the data may leave a little later. */
        private final boolean heard;

        private boolean told;
        private @Nullable Throwable failure;

        Delivery(String text, boolean heard) {
            this.text = text;
            this.heard = heard;
        }

        String text() {
            return text;
        }

        void done(@Nullable Throwable cause) {
            if (told) {
                throw new AssertionError("It was told twice what became of a broadcast");
            }
            told = true;
            failure = cause;
        }

        boolean isSent() {
            return told && failure == null;
        }

        boolean isFailed() {
            return failure != null;
        }

        void verify() {
            if (told != heard) {
                throw new AssertionError("It was never told what became of a broadcast");
            }
        }
    }
}
