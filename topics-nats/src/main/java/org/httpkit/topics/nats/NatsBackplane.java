package org.httpkit.topics.nats;

import java.io.IOException;
import java.time.Duration;
import org.httpkit.topics.Backplane;

/**
 * The log of topics as a stream of NATS JetStream, in a file of its server. Immutable: each method returns a changed
 * one.
 *
 * <p>The epoch stands in the stream's description, in the place of what somebody may have written there who has made the
 * stream. Topics promise as much as JetStream: a server that is killed loses
 * nothing; a machine that loses power can lose messages not yet written, unless the server has {@code sync_interval:
 * always}.
 */
public final class NatsBackplane implements Backplane {
    private final String uri;
    private final String stream;
    private final long keep;
    private final Duration timeout;

    private NatsBackplane(String uri, String stream, long keep, Duration timeout) {
        this.uri = uri;
        this.stream = stream;
        this.keep = keep;
        this.timeout = timeout;
    }

    /**
     * A stream {@code httpkit-topics} of 100,000 messages at that server, which is made if it is not there: make it yourself
     * for replicas, say, with its name as its only subject. Connects when topics are built with it.
     *
     * @param uri {@code nats://user:password@host:port}, or {@code tls} instead of {@code nats}: the JVM has to trust the
     *     certificate, which has to be of that host
     * @throws IllegalArgumentException if it is no such URI
     */
    public static NatsBackplane connect(String uri) {
        if (!uri.startsWith("nats://") && !uri.startsWith("tls://")) {
            throw new IllegalArgumentException("uri is " + uri + "; it must begin with nats:// or tls://");
        }
        return new NatsBackplane(uri, "httpkit-topics", 100_000, Duration.ofSeconds(2));
    }

    /**
     * Uses a stream of another name, which is also its subject. Topics with one stream are one and the same.
     *
     * @param name letters, digits, dashes and underscores
     */
    public NatsBackplane stream(String name) {
        if (!name.matches("[A-Za-z0-9_-]{1,100}")) {
            throw new IllegalArgumentException(
                    "name is \"" + name + "\"; it must be 1 to 100 letters, digits, dashes and underscores");
        }
        return new NatsBackplane(uri, name, keep, timeout);
    }

    /**
     * With another number of messages kept: what a server misses that is away for longer is lost to its receivers. Counts as the stream is
     * made.
     *
     * @param messages 100 or more
     */
    public NatsBackplane keep(long messages) {
        if (messages < 100) {
            throw new IllegalArgumentException("messages is " + messages + "; it must be 100 or more");
        }
        return new NatsBackplane(uri, stream, messages, timeout);
    }

    /**
     * How long NATS may take to answer, before the connection is given up. Default 2 seconds.
     *
     * @param timeout 10 ms to an hour
     */
    public NatsBackplane timeout(Duration timeout) {
        if (timeout.compareTo(Duration.ofMillis(10)) < 0 || timeout.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("timeout is " + timeout + "; it must be from 10 ms to an hour");
        }
        return new NatsBackplane(uri, stream, keep, timeout);
    }

    @Override
    public Session open() throws IOException {
        return NatsSession.open(uri, stream, keep, timeout);
    }
}
