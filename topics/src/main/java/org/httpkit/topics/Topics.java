package org.httpkit.topics;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.httpkit.server.Message;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * Topics of one server. A client that subscribes to a topic gets the messages published to it, by WebSocket,
 * server-sent events, a stream or a poll. Safe from any thread.
 *
 * <pre>{@code
 * Topics topics = Topics.builder().keep(1_000, Duration.ofMinutes(10)).build();
 * Handler events = request -> topics.subscribe(request, "news");
 * topics.publish("news", Message.text("hi"));
 * }</pre>
 *
 * <p><b>Order:</b> messages of all topics have one order; each receiver gets its topics' messages in that order, none
 * twice.
 *
 * <p><b>Coming back:</b> each message has a {@link MessageId}. A client that names the one it saw last gets all later
 * messages, and then new ones as they are published. If some of them are no longer kept, it first learns that its state
 * is {@code stale}.
 *
 * <p><b>Threads:</b> one daemon thread, {@code httpkit-topics}, gives messages to receivers. {@link #publish} never
 * waits.
 */
public final class Topics implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** How long another server counts although it is silent. */
    private static final Duration ALIVE = Duration.ofSeconds(15);

    private final Permission permission;
    private final Engine engine;
    private final PresenceBoard board;
    private final @Nullable LogDriver shared;
    private volatile boolean closed;

    private Topics(Builder builder) {
        this.permission = builder.permission;
        Limits limits = builder.limits();
        TopicTable table = new TopicTable(limits, random(), 0);
        Duration interval = builder.presenceInterval;
        IdleWheel idle = new IdleWheel(builder.keepAliveInterval.toNanos());
        Backplane backplane = builder.backplane;
        if (backplane == null) {
            board = PresenceBoard.ALONE;
            engine = new Engine(table, limits, board, idle, interval.toNanos(), false);
            shared = null;
        } else {
            SharedPresence presence = new SharedPresence(random(), limits.topics(), ALIVE.toNanos(), System.nanoTime());
            board = presence;
            engine = new Engine(table, limits, board, idle, interval.toNanos(), true);
            shared = new LogDriver(engine, presence, backplane, builder.publishTimeout);
            shared.start();
        }
    }

    private static String random() {
        return Long.toString(RANDOM.nextLong() >>> 1 | 1, Character.MAX_RADIX);
    }

    /** Begins with topics that keep nothing and are open to everybody. */
    public static Builder builder() {
        return new Builder();
    }

    /** Subscribes the client of a request, as {@link #subscribe(Request, Subscription)} with the defaults. */
    public Response subscribe(Request request, String... names) throws Exception {
        return subscribe(request, Subscription.to(names));
    }

    /**
     * Subscribes the client of a request to topics. What it gets depends on the request:
     *
     * <ul>
     * <li>a WebSocket handshake: each message as a WebSocket message, or the protocol {@code httpkit.topics} if the
     *     client offers it
     * <li>{@code Accept: text/event-stream}: server-sent events; with several topics, their type is the topic's name
     * <li>a parameter {@code after} in the query: the missed lines; if there are none, the next one, or 204 after
     *     {@link Subscription#pollTimeout}
     * <li>anything else: a stream of lines, each a JSON object
     * </ul>
     *
     * <p>The field {@code Last-Event-ID} or the parameter {@code after} names the message seen last.
     *
     * @return the response to return from the handler: the subscription, or 400 if a name is not legal or a request
     *     other than a WebSocket handshake names no topic, 403 if {@link Builder#permission} refuses one, 503 if these
     *     topics are closed
     * @throws Exception what the permission throws
     */
    public Response subscribe(Request request, Subscription wish) throws Exception {
        for (String name : wish.topics()) {
            if (!TopicNames.isLegal(name, engine.limits.nameLength())) {
                return Response.text("That is not a legal topic name\n").status(400);
            }
            if (!permission.allows(request, name) || !wish.allows(name)) {
                return Response.text("Not allowed\n").status(403);
            }
        }
        return closed ? Response.of(503) : new Intake(this, wish).open(request);
    }

    /** Returns the topics to which the client of a channel may subscribe. */
    List<String> allowed(Request request, Subscription wish, List<String> names) {
        List<String> allowed = new ArrayList<>();
        for (String name : names) {
            try {
                if (TopicNames.isLegal(name, engine.limits.nameLength())
                        && permission.allows(request, name)
                        && wish.allows(name)) {
                    allowed.add(name);
                }
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("The permission has failed", e);
            }
        }
        return allowed;
    }

    /**
     * Sends a message to all subscribers of the topic, and keeps it for clients that come back. Never waits, so an
     * event loop may call it.
     *
     * @return the message's id. Without a backplane it is complete when this returns; with one, when the broker has the
     *     message, on a thread of the common pool. It fails with a {@link RejectedExecutionException} if the limit of
     *     waiting messages is reached, or these topics are closed; with an {@link java.io.IOException} if the broker
     *     cannot be reached within {@link Builder#publishTimeout}, or fails meanwhile: then its message says whether
     *     the message may have been published; with an {@link IllegalArgumentException} if it is too long for the broker
     * @throws IllegalArgumentException if the name is not legal, or the message is longer than {@link
     *     Builder#maxMessageBytes}
     */
    public CompletionStage<MessageId> publish(String topic, Message message) {
        TopicNames.require(topic, engine.limits.nameLength());
        long length = Entry.lengthOf(message);
        if (length > engine.limits.messageBytes()) {
            throw new IllegalArgumentException(
                    "The message has " + length + " bytes or characters; the most is " + engine.limits.messageBytes());
        }
        LogDriver driver = shared;
        if (driver != null) {
            engine.countPublished();
            return driver.publish(topic, message);
        }
        MessageId id = engine.publish(topic, message);
        return id != null
                ? CompletableFuture.completedFuture(id)
                : CompletableFuture.failedFuture(new RejectedExecutionException(
                        closed ? "These topics are closed" : "Too many messages wait to be delivered"));
    }

    /** Returns how many channels listen to a topic. */
    public Presence presence(String topic) {
        int here = engine.table.count(topic);
        return new Presence(here, board.everywhere(topic, here));
    }

    /** Returns counts of what topics have done, and of what they hold. */
    public TopicsStats stats() {
        TopicTable table = engine.table;
        return new TopicsStats(
                table.topicCount(),
                table.sum(Topic::count),
                engine.published(),
                table.delivered(),
                engine.skipped.sum(),
                engine.stale.sum(),
                table.history().count(),
                table.history().bytes(),
                engine.unpublished());
    }

    /** Returns the state of the backplane; null if there is none. */
    public @Nullable BackplaneStats backplaneStats() {
        return shared == null ? null : shared.stats();
    }

    /**
     * Delivers the messages published so far, then closes all channels: WebSockets with 1001, polls and streams that
     * have not begun with 503. It does not stop servers; stop them first.
     */
    @Override
    public void close() {
        closed = true;
        if (shared != null) {
            shared.close();
        }
        engine.close();
    }

    Engine engine() {
        return engine;
    }

    /**
     * Configures what topics keep, and their limits. Confined to its thread. A value out of range throws {@link
     * IllegalArgumentException}.
     */
    public static final class Builder {
        private int keepMessages;
        private Duration keepTime = Duration.ofHours(1);
        private long historyBytes = 64L << 20;
        private int maxTopics = 100_000;
        private int maxSubscriptions = 64;
        private int maxNameLength = 200;
        private int maxMessageBytes = 1 << 20;
        private int maxUndelivered = 10_000;
        private long slowAfterBytes = 64 * 1024;
        private Duration presenceInterval = Duration.ofSeconds(1);
        private Duration keepAliveInterval = Duration.ofSeconds(15);
        private Duration publishTimeout = Duration.ofSeconds(5);
        private Permission permission = (request, topic) -> true;
        private @Nullable Backplane backplane;

        private Builder() {}

        /**
         * How many messages of each topic are kept, and for how long, for clients that come back. Default 0 messages: nothing is kept.
         *
         * @param messages 0 to 1,000,000
         * @param time a millisecond to 3650 days
         */
        public Builder keep(int messages, Duration time) {
            keepMessages = (int) between("messages", messages, 0, 1_000_000);
            keepTime = between("time", time, 1, Duration.ofDays(3650));
            return this;
        }

        /**
         * Roughly how many bytes of heap the kept messages of all topics may hold, in all forms in which they were
         * sent. Beyond that the oldest message is dropped. Default 64 MiB.
         *
         * @param bytes 1024 or more
         */
        public Builder maxHistoryBytes(long bytes) {
            historyBytes = between("maxHistoryBytes", bytes, 1024, Long.MAX_VALUE);
            return this;
        }

        /**
         * How many topics with receivers or messages there may be. Default 100,000. Beyond that the oldest messages of
         * topics without receivers are dropped; if that does not help, new receivers get 503 or 1013, and messages of
         * new topics are not kept.
         *
         * @param topics 1 or more
         */
        public Builder maxTopics(int topics) {
            maxTopics = (int) between("maxTopics", topics, 1, Integer.MAX_VALUE);
            return this;
        }

        /**
         * How many topics a channel may subscribe to. Default 64. A command that would make it more is refused, a request
         * that names more gets 503 or 1013.
         *
         * @param subscriptions 1 to 10,000
         */
        public Builder maxSubscriptions(int subscriptions) {
            maxSubscriptions = (int) between("maxSubscriptions", subscriptions, 1, 10_000);
            return this;
        }

        /**
         * How long a topic's name may be, in characters. Default 200. A longer one in a request gets 400, in a command of
         * a WebSocket client 1008.
         *
         * @param characters 1 to 1000
         */
        public Builder maxNameLength(int characters) {
            maxNameLength = (int) between("maxNameLength", characters, 1, 1000);
            return this;
        }

        /**
         * How long a message may be: bytes, or characters of text. Default 1 MiB.
         *
         * @param bytes 1 or more
         */
        public Builder maxMessageBytes(int bytes) {
            maxMessageBytes = (int) between("maxMessageBytes", bytes, 1, Integer.MAX_VALUE);
            return this;
        }

        /**
         * How many published messages may wait for the thread that delivers them. Default 10,000. Beyond that
         * publishing fails. As many topics may be named by commands of WebSocket clients that wait; beyond that a client
         * that gives a command gets 1013.
         *
         * @param messages 1 or more
         */
        public Builder maxUndelivered(int messages) {
            maxUndelivered = (int) between("maxUndelivered", messages, 1, Integer.MAX_VALUE);
            return this;
        }

        /**
         * How many bytes may wait for a client before it counts as slow, with {@link WhenSlow#LATEST} and {@link
         * WhenSlow#SKIP}. A client that catches up gets messages up to this many bytes ahead. Default 64 KiB; the
         * server's {@code maxQueuedBytes} should be larger.
         *
         * @param bytes 1024 or more
         */
        public Builder slowAfterBytes(long bytes) {
            slowAfterBytes = between("slowAfterBytes", bytes, 1024, Long.MAX_VALUE);
            return this;
        }

        /**
         * The shortest time between two counts of receivers sent to them; see {@link Subscription#presence}. Default
         * one second.
         *
         * @param interval 10 ms to a day
         */
        public Builder presenceInterval(Duration interval) {
            presenceInterval = between("presenceInterval", interval, 10, Duration.ofDays(1));
            return this;
        }

        /**
         * The longest silence on an event stream or a stream of lines: proxies cut connections that are silent for
         * long. Then the client gets the notice {@code live} again, with the id to resume from; in an event stream it is
         * a comment, which the page's code does not see (WHATWG HTML, section 9.2.7). Before the log is read, the client
         * gets an empty comment or a space instead. Default 15 seconds; zero for none. WebSockets have the
         * server's pings instead, and polls have their timeout.
         *
         * @param interval zero, or 100 ms to a day
         */
        public Builder keepAliveInterval(Duration interval) {
            keepAliveInterval =
                    interval.isZero() ? interval : between("keepAliveInterval", interval, 100, Duration.ofDays(1));
            return this;
        }

        /** Decides which client may subscribe to which topic. Default: every client to every topic. */
        public Builder permission(Permission permission) {
            this.permission = Objects.requireNonNull(permission, "permission");
            return this;
        }

        /**
         * The log that these topics share with other servers. Default: none; everything stays in this process. Each
         * server gets all messages, and keeps a separate history.
         */
        public Builder backplane(Backplane backplane) {
            this.backplane = Objects.requireNonNull(backplane, "backplane");
            return this;
        }

        /**
         * How long a message may wait for a broker that cannot be reached. Default 5 seconds. Only with a backplane.
         *
         * @param timeout 100 ms to an hour
         */
        public Builder publishTimeout(Duration timeout) {
            publishTimeout = between("publishTimeout", timeout, 100, Duration.ofHours(1));
            return this;
        }

        /** Makes the topics. */
        public Topics build() {
            return new Topics(this);
        }

        private Limits limits() {
            return new Limits(
                    keepMessages,
                    keepTime.toNanos(),
                    historyBytes,
                    maxTopics,
                    maxSubscriptions,
                    maxNameLength,
                    maxMessageBytes,
                    maxUndelivered,
                    slowAfterBytes);
        }

        private static Duration between(String option, Duration value, long leastMillis, Duration most) {
            between(option + " in ms", value.toMillis(), leastMillis, most.toMillis());
            return value;
        }

        private static long between(String option, long value, long least, long most) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(
                        option + " is " + value + "; it must be from " + least + " to " + most);
            }
            return value;
        }
    }
}
