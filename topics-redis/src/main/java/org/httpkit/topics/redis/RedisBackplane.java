package org.httpkit.topics.redis;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import org.httpkit.topics.Backplane;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The log of topics as a stream of Redis 7 or later, or of a server that speaks its protocol. Immutable: each method
 * returns a changed one.
 *
 * <p>The ids of the stream's entries are {@code epoch-offset}. Topics promise as much as Redis: with {@code appendonly
 * yes} and {@code appendfsync always} no published message is lost; with {@code everysec} a crash can lose a second,
 * upon which receivers are {@code stale}; without a file on disk each restart begins a new epoch.
 */
public final class RedisBackplane implements Backplane {
    private final URI uri;
    private final String key;
    private final long keep;
    private final Duration timeout;

    private RedisBackplane(URI uri, String key, long keep, Duration timeout) {
        this.uri = uri;
        this.key = key;
        this.keep = keep;
        this.timeout = timeout;
    }

    /**
     * A stream {@code httpkit:topics} of some 100,000 entries at that server. Connects when topics are built with it.
     *
     * @param uri {@code redis://user:password@host:port/database}, or {@code rediss} for TLS: the JVM has to trust the
     *     certificate, which has to be of that host. The usual port is 6379
     * @throws IllegalArgumentException if it is no such URI
     */
    public static RedisBackplane connect(String uri) {
        URI parsed = URI.create(uri);
        String scheme = String.valueOf(parsed.getScheme());
        if (!scheme.equals("redis") && !scheme.equals("rediss")) {
            throw new IllegalArgumentException("uri is " + uri + "; it must begin with redis:// or rediss://");
        }
        if (parsed.getHost() == null) {
            throw new IllegalArgumentException("uri is " + uri + "; it must name a host behind //");
        }
        return new RedisBackplane(parsed, "httpkit:topics", 100_000, Duration.ofSeconds(2));
    }

    /** Uses another key. Topics with one key are one and the same. */
    public RedisBackplane key(String key) {
        return new RedisBackplane(uri, Objects.requireNonNull(key, "key"), keep, timeout);
    }

    /**
     * With some other number of entries kept: what a server misses that is away for longer is lost to its receivers.
     *
     * @param entries 100 or more; Redis keeps a few more
     */
    public RedisBackplane keep(long entries) {
        if (entries < 100) {
            throw new IllegalArgumentException("entries is " + entries + "; it must be 100 or more");
        }
        return new RedisBackplane(uri, key, entries, timeout);
    }

    /**
     * How long Redis may take to answer, before the connection is given up. Default 2 seconds. A message counts from the
     * beginning of its way: one of 1 MiB needs half a megabyte a second.
     *
     * @param timeout 10 ms to an hour
     */
    public RedisBackplane timeout(Duration timeout) {
        if (timeout.compareTo(Duration.ofMillis(10)) < 0 || timeout.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("timeout is " + timeout + "; it must be from 10 ms to an hour");
        }
        return new RedisBackplane(uri, key, keep, timeout);
    }

    @Override
    public Session open() throws IOException {
        try {
            return RedisSession.open(uri, key, keep, timeout);
        } catch (JedisException e) {
            throw new IOException("Redis cannot be reached", e);
        }
    }
}
