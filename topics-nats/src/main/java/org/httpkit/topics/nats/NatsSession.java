package org.httpkit.topics.nats;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.httpkit.topics.Backplane;
import org.jspecify.annotations.Nullable;

/** A connection to the stream. Used by one thread at a time. */
final class NatsSession implements Backplane.Session {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Pattern EPOCH = Pattern.compile("[A-Za-z0-9]{1,32}");
    private static final int NO_SUCH_STREAM = 10059;
    private static final int NO_SUCH_MESSAGE = 10037;
    /** How often to look for a stream, or try to make it, before that has failed. */
    private static final int MOST_ATTEMPTS = 10;

    private static final long PAUSE_MILLIS = 50;
    /** How often the session asks whether another server has begun a new epoch. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Connection connection;
    private final JetStream stream;
    private final JetStreamManagement management;
    private final String name;
    private final Duration timeout;
    private final StreamConfiguration configuration;

    // What is read.
    private @Nullable JetStreamSubscription subscription;
    private long subscribedAfter;
    private long lookedNanos = System.nanoTime();

    private NatsSession(
            Connection connection, JetStreamManagement management, StreamInfo info, JetStreamOptions options)
            throws IOException {
        this.connection = connection;
        this.management = management;
        this.stream = connection.jetStream(options);
        this.configuration = info.getConfiguration();
        this.name = configuration.getName();
        this.timeout = options.getRequestTimeout();
    }

    static NatsSession open(String uri, String name, long keep, Duration timeout) throws IOException {
        Connection connection = connect(uri, timeout);
        try {
            JetStreamOptions options =
                    JetStreamOptions.builder().requestTimeout(timeout).build();
            JetStreamManagement management = connection.jetStreamManagement(options);
            StreamInfo info = withEpoch(management, streamOf(management, name, keep));
            return new NatsSession(connection, management, info, options);
        } catch (IOException | RuntimeException e) {
            close(connection);
            throw e;
        }
    }

    /** Connects, without connecting again later: another session will. */
    private static Connection connect(String uri, Duration timeout) throws IOException {
        try {
            Options.Builder options = Options.builder()
                    .server(uri)
                    .connectionName("httpkit-topics")
                    .connectionTimeout(timeout)
                    .pingInterval(timeout)
                    .maxPingsOut(1)
                    .noReconnect()
                    .noResolveHostnames() // the certificate is of the name
                    .errorListener(new ErrorListener() {});
            return Nats.connect((uri.startsWith("tls") ? options.sslContext(HostCheck.context()) : options).build());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while connecting", e);
        }
    }

    /** Returns the stream, or makes it. Another server may be making it: then the broker refuses, and does not show it yet. */
    private static StreamInfo streamOf(JetStreamManagement management, String name, long keep) throws IOException {
        StreamConfiguration wanted = StreamConfiguration.builder()
                .name(name)
                .subjects(name)
                .description(newEpoch())
                .storageType(StorageType.File)
                .retentionPolicy(RetentionPolicy.Limits)
                .discardPolicy(DiscardPolicy.Old)
                .maxMessages(keep)
                .build();
        for (int attempt = 1; ; attempt++) {
            StreamInfo known = existing(management, name);
            if (known != null) {
                return known;
            }
            try {
                return management.addStream(wanted);
            } catch (JetStreamApiException e) {
                if (attempt == MOST_ATTEMPTS) {
                    throw new IOException("The stream cannot be made: " + e.getMessage(), e);
                }
                pause();
            }
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while the stream is being made", e);
        }
    }

    /** Returns the stream of this name; null if there is none. */
    private static @Nullable StreamInfo existing(JetStreamManagement management, String name) throws IOException {
        try {
            return management.getStreamInfo(name);
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != NO_SUCH_STREAM) {
                throw new IOException("The stream cannot be had", e);
            }
            return null;
        }
    }

    /** Gives an epoch to a stream that somebody else has made: the same one if several servers find it at a time. */
    private static StreamInfo withEpoch(JetStreamManagement management, StreamInfo info) throws IOException {
        StreamConfiguration made = info.getConfiguration();
        String description = made.getDescription();
        if (description != null && EPOCH.matcher(description).matches()) {
            return info;
        }
        try {
            return management.updateStream(StreamConfiguration.builder(made)
                    .description(successor(description + info.getCreateTime()))
                    .build());
        } catch (JetStreamApiException e) {
            throw new IOException("The stream's description is no epoch, and cannot be changed to one", e);
        }
    }

    private static String newEpoch() {
        return "n" + Long.toString(RANDOM.nextLong() >>> 1, Character.MAX_RADIX);
    }

    /** The epoch behind one that has ended: servers that find the same loss at a time all choose this one. */
    private static String successor(String epoch) {
        UUID hash = UUID.nameUUIDFromBytes(epoch.getBytes(StandardCharsets.UTF_8));
        return "n" + Long.toString(hash.getMostSignificantBits() >>> 1, Character.MAX_RADIX);
    }

    @Override
    public String epoch() {
        return configuration.getDescription();
    }

    @Override
    public long first() throws IOException {
        StreamState state = info().getStreamState();
        return state.getMsgCount() == 0 ? state.getLastSequence() + 1 : state.getFirstSequence();
    }

    @Override
    public long last() throws IOException {
        return info().getStreamState().getLastSequence();
    }

    private StreamInfo info() throws IOException {
        try {
            StreamInfo info = management.getStreamInfo(name);
            lookedNanos = System.nanoTime();
            if (!epoch().equals(info.getConfiguration().getDescription())) {
                throw new IOException("A new epoch has begun");
            }
            return info;
        } catch (JetStreamApiException e) {
            throw new IOException("The stream is gone", e);
        }
    }

    @Override
    public List<Backplane.Entry> read(long after, int most, Duration wait) throws IOException {
        if (wait.isZero()) {
            return at(after + 1);
        }
        if (System.nanoTime() - lookedNanos >= LOOK_NANOS) {
            info();
        }
        JetStreamSubscription from = subscribed(after);
        List<Backplane.Entry> entries = new ArrayList<>();
        try {
            Message message = from.nextMessage(wait);
            while (message != null) {
                subscribedAfter = message.metaData().streamSequence();
                entries.add(new Backplane.Entry(subscribedAfter, message.getData()));
                message = entries.size() < most ? from.nextMessage(Duration.ofNanos(1)) : null;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while reading", e);
        } catch (IllegalStateException e) {
            throw new IOException("The connection is lost", e);
        }
        if (entries.isEmpty() && connection.getStatus() != Connection.Status.CONNECTED) {
            throw new IOException("The connection is lost");
        }
        return entries;
    }

    private List<Backplane.Entry> at(long offset) throws IOException {
        try {
            MessageInfo message = management.getMessage(name, offset);
            return List.of(new Backplane.Entry(message.getSeq(), message.getData()));
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_SUCH_MESSAGE) {
                return List.of();
            }
            throw new IOException("The stream is gone", e);
        }
    }

    private JetStreamSubscription subscribed(long after) throws IOException {
        JetStreamSubscription known = subscription;
        if (known != null && subscribedAfter == after) {
            return known;
        }
        if (known != null) {
            known.unsubscribe();
        }
        try {
            JetStreamSubscription made = stream.subscribe(
                    name,
                    PushSubscribeOptions.builder()
                            .ordered(true)
                            .configuration(ConsumerConfiguration.builder()
                                    .deliverPolicy(DeliverPolicy.ByStartSequence)
                                    .startSequence(after + 1)
                                    .build())
                            .build());
            subscription = made;
            subscribedAfter = after;
            return made;
        } catch (JetStreamApiException e) {
            throw new IOException("The stream cannot be read", e);
        }
    }

    @Override
    public long mostRecordBytes() {
        return Math.min(limit(connection.getMaxPayload()), limit(configuration.getMaximumMessageSize()));
    }

    /** NATS has no limit where it says -1. */
    private static long limit(long bytes) {
        return bytes > 0 ? bytes : Long.MAX_VALUE;
    }

    @Override
    public List<Long> append(List<byte[]> records) throws IOException {
        List<CompletableFuture<PublishAck>> answers = new ArrayList<>();
        try {
            for (byte[] record : records) {
                answers.add(stream.publishAsync(name, record));
            }
            List<Long> offsets = new ArrayList<>();
            for (CompletableFuture<PublishAck> answer : answers) {
                offsets.add(
                        answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS).getSeqno());
            }
            return offsets;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while publishing", e);
        } catch (ExecutionException | TimeoutException | IllegalStateException e) {
            throw new IOException("JetStream did not take it", e);
        }
    }

    @Override
    public void renew() throws IOException {
        try {
            StreamInfo now = management.getStreamInfo(name);
            if (epoch().equals(now.getConfiguration().getDescription())) {
                management.updateStream(StreamConfiguration.builder(now.getConfiguration())
                        .description(successor(epoch()))
                        .build());
            }
        } catch (JetStreamApiException e) {
            throw new IOException("The stream cannot be changed", e);
        }
    }

    @Override
    public void close() {
        close(connection);
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
