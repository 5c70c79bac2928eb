package org.httpkit.topics.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.httpkit.topics.Backplane;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.AbstractTransaction;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.XAddParams;
import redis.clients.jedis.util.JedisURIHelper;

/**
 * A connection to the stream. Used by one thread at a time.
 *
 * <p>An epoch begins with a special entry, whose id has a greater first half than all before; from then on Redis itself
 * refuses entries of earlier epochs. Topics ignore its content.
 */
final class RedisSession implements Backplane.Session {
    private static final byte[] FIELD = {'r'};
    private static final byte[] MARK = {0};
    /** How long a read waits at most, so that it notices a server that hangs. */
    private static final long MOST_WAIT_MILLIS = 1000;
    /** Records of this length in all are sent before Redis has to answer: it has the whole timeout for so much. */
    private static final int LONG_BYTES = 256 * 1024;

    private static final byte[] COUNT = ascii("COUNT");
    private static final byte[] ONE = ascii("1");

    /** The id of an entry. */
    private record Id(long epoch, long offset) {
        static Id of(byte[] text) {
            String id = new String(text, US_ASCII);
            int dash = id.indexOf('-');
            return new Id(Long.parseLong(id.substring(0, dash)), Long.parseLong(id.substring(dash + 1)));
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    private record Found(Id id, byte[] content) {}

    private final RedisSocket socket;
    private final Jedis redis;
    private final byte[] key;
    private final long keep;
    private final int timeoutMillis;
    private final long epoch;

    private RedisSession(RedisSocket socket, Jedis redis, byte[] key, long keep, int timeoutMillis, long epoch) {
        this.socket = socket;
        this.redis = redis;
        this.key = key;
        this.keep = keep;
        this.timeoutMillis = timeoutMillis;
        this.epoch = epoch;
    }

    static RedisSession open(URI uri, String key, long keep, Duration timeout) {
        int millis = Math.toIntExact(timeout.toMillis());
        JedisClientConfig config = DefaultJedisClientConfig.builder()
                .connectionTimeoutMillis(millis)
                .socketTimeoutMillis(millis)
                .blockingSocketTimeoutMillis(Math.toIntExact(MOST_WAIT_MILLIS + millis))
                .user(JedisURIHelper.getUser(uri))
                .password(JedisURIHelper.getPassword(uri))
                .database(JedisURIHelper.getDBIndex(uri))
                .build();
        RedisSocket socket = new RedisSocket(uri, config);
        Jedis redis = new Jedis(socket, config);
        try {
            byte[] name = key.getBytes(UTF_8);
            Id newest = newest(redis, name);
            if (newest == null) {
                newest = begin(redis, name, null, System.currentTimeMillis());
            }
            return new RedisSession(socket, redis, name, keep, millis, newest.epoch);
        } catch (JedisException e) {
            redis.close();
            throw e;
        }
    }

    /**
     * Begins an epoch, unless another server has begun one since: two that find the same loss agree on one epoch.
     *
     * @param known the epoch to end; null if there is none
     * @return the newest id of the epoch that is in force
     */
    private static Id begin(Jedis redis, byte[] key, @Nullable Long known, long epoch) {
        redis.watch(key);
        Id newest = newest(redis, key);
        if (newest != null && (known == null || newest.epoch != known)) {
            redis.unwatch();
            return newest;
        }
        try (AbstractTransaction transaction = redis.multi()) {
            transaction.xadd(key, new XAddParams().id(epoch + "-1"), Map.of(FIELD, MARK));
            List<Object> done = transaction.exec(); // null if the stream has changed
            if (done != null && done.get(0) instanceof JedisDataException refusal) {
                throw refusal;
            }
        }
        Id begun = newest(redis, key);
        if (begun == null) {
            throw new JedisException("The stream is gone");
        }
        return begun;
    }

    private static @Nullable Id newest(Jedis redis, byte[] key) {
        List<Found> found = entries(redis.sendCommand(Command.XREVRANGE, key, ascii("+"), ascii("-"), COUNT, ONE));
        return found.isEmpty() ? null : found.get(0).id;
    }

    @Override
    public String epoch() {
        return "r" + Long.toString(epoch, Character.MAX_RADIX);
    }

    @Override
    public long first() throws IOException {
        return attempt(() -> {
            List<Found> found = entries(redis.sendCommand(Command.XRANGE, key, id(0), id(Long.MAX_VALUE), COUNT, ONE));
            return found.isEmpty() ? newestOfEpoch() + 1 : found.get(0).id.offset;
        });
    }

    @Override
    public long last() throws IOException {
        return attempt(this::newestOfEpoch);
    }

    private long newestOfEpoch() {
        List<Found> found = entries(redis.sendCommand(Command.XREVRANGE, key, id(Long.MAX_VALUE), id(0), COUNT, ONE));
        return found.isEmpty() ? 0 : found.get(0).id.offset;
    }

    @Override
    public List<Backplane.Entry> read(long after, int most, Duration wait) throws IOException {
        byte[] count = ascii(String.valueOf(most));
        List<Found> found = attempt(() -> {
            if (wait.isZero()) {
                return entries(redis.sendCommand(Command.XRANGE, key, id(after + 1), id(Long.MAX_VALUE), COUNT, count));
            }
            byte[] millis = ascii(String.valueOf(Math.max(1, Math.min(MOST_WAIT_MILLIS, wait.toMillis()))));
            return ofStream(redis.sendBlockingCommand(
                    Command.XREAD, COUNT, count, ascii("BLOCK"), millis, ascii("STREAMS"), key, id(after)));
        });
        List<Backplane.Entry> entries = new ArrayList<>();
        for (Found each : found) {
            if (each.id.epoch != epoch) {
                break;
            }
            entries.add(new Backplane.Entry(each.id.offset, each.content));
        }
        if (entries.isEmpty() && !found.isEmpty()) {
            throw new IOException("A new epoch has begun");
        }
        return entries;
    }

    @Override
    public List<Long> append(List<byte[]> records) throws IOException {
        List<Long> offsets = new ArrayList<>();
        while (offsets.size() < records.size()) {
            List<byte[]> batch = batch(records.subList(offsets.size(), records.size()));
            offsets.addAll(attempt(() -> appendInTime(batch)));
        }
        return offsets;
    }

    /** Returns the first of the records: one, or more that are not long in all. */
    private static List<byte[]> batch(List<byte[]> records) {
        long bytes = 0;
        int count = 0;
        while (count < records.size() && bytes < LONG_BYTES) {
            bytes += records.get(count).length;
            count++;
        }
        return records.subList(0, count);
    }

    /** Appends, or cuts the connection: as long as Redis takes nothing a write waits, whatever the socket's timeout. */
    private List<Long> appendInTime(List<byte[]> records) {
        CompletableFuture<Boolean> isLate =
                new CompletableFuture<Boolean>().completeOnTimeout(true, timeoutMillis, TimeUnit.MILLISECONDS);
        CompletableFuture<Void> end = isLate.thenAccept(late -> {
            if (late) {
                socket.cut();
            }
        });
        try {
            return appendAll(records);
        } finally {
            isLate.complete(false);
            end.join(); // it does not wait, and nothing cuts the connection any more
        }
    }

    /** Appends without creating the stream: one that is gone would begin anew in this epoch. */
    private List<Long> appendAll(List<byte[]> records) {
        XAddParams parameters =
                new XAddParams().id(epoch + "-*").noMkStream().maxLen(keep).approximateTrimming();
        List<Object> answers;
        try (Pipeline pipeline = redis.pipelined()) {
            for (byte[] record : records) {
                pipeline.xadd(key, parameters, Map.of(FIELD, record));
            }
            answers = pipeline.syncAndReturnAll();
        }
        List<Long> offsets = new ArrayList<>();
        for (Object answer : answers) {
            if (answer instanceof byte[] id) {
                offsets.add(Id.of(id).offset);
            } else if (answer instanceof JedisDataException refusal) {
                throw refusal;
            } else {
                throw new JedisException("The stream is gone");
            }
        }
        return offsets;
    }

    @Override
    public void renew() throws IOException {
        attempt(() -> {
            begin(redis, key, epoch, Math.max(System.currentTimeMillis(), epoch + 1));
            return true;
        });
    }

    @Override
    public void close() {
        socket.cut();
        try {
            redis.close();
        } catch (JedisException ignored) {
            // It was broken already.
        }
    }

    private static <T> T attempt(Supplier<T> call) throws IOException {
        try {
            return call.get();
        } catch (JedisException e) {
            throw new IOException("Redis failed", e);
        }
    }

    private byte[] id(long offset) {
        return ascii(epoch + "-" + offset);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    /** The entries of the one requested stream. */
    private static List<Found> ofStream(@Nullable Object answer) {
        if (answer instanceof List<?> streams && !streams.isEmpty() && streams.get(0) instanceof List<?> stream) {
            return entries(stream.get(1));
        }
        return List.of();
    }

    private static List<Found> entries(@Nullable Object answer) {
        List<Found> found = new ArrayList<>();
        if (answer instanceof List<?> entries) {
            for (Object each : entries) {
                if (each instanceof List<?> entry
                        && entry.get(0) instanceof byte[] id
                        && entry.get(1) instanceof List<?> fields
                        && fields.get(1) instanceof byte[] content) {
                    found.add(new Found(Id.of(id), content));
                }
            }
        }
        return found;
    }
}
