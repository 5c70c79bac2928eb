package org.httpkit.server;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import org.httpkit.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** The options a server runs with. Immutable; {@link HttpServer.Builder} says what each of them means. */
public final class ServerOptions implements Cloneable {
    /** Never called: a server does not start without a handler. Nobody should wait for the first lambda because of it. */
    private static final Handler NO_HANDLER = new Handler() {
        @Override
        public @Nullable Response handle(Request request) {
            return null;
        }
    };

    SocketAddress address = new InetSocketAddress("0.0.0.0", 8090);

    @Nullable
    Set<PosixFilePermission> unixSocketPermissions;

    Handler handler = NO_HANDLER;

    @Nullable
    Executor worker;

    Worker.@Nullable Builder ownWorker;

    @Nullable
    ListenerFactory listenerFactory;

    Dispatch dispatch = Dispatch.ADAPTIVE;
    ServerObserver observer = new ServerObserver() {};

    @Nullable
    String serverHeader = "httpkit";

    ProxyProtocol proxyProtocol = ProxyProtocol.DISABLED;
    /** What a connection takes of the heap that waits for an answer or a message, roughly. */
    private static final int BYTES_PER_CONNECTION = 1792;

    List<Cidr> trustedProxies = List.of();
    Compression compression = Compression.off();

    @Nullable
    ErrorPages errorPages;

    Set<HttpVersion> protocols = Set.of(HttpVersion.HTTP_1_1, HttpVersion.HTTP_2);

    @Nullable
    Tls tls;

    int eventLoops = Runtime.getRuntime().availableProcessors();

    long maxBodyBytes = 8L << 20;
    long maxStreamedBodyBytes = 0;
    boolean decompressRequests = false;
    int maxLineBytes = 8 << 10;
    int maxHeaderBytes = 64 << 10;
    int maxHeaderCount = 100;
    int maxConnections = 100_000;
    int maxConnectionsPerAddress = (int) Math.min(25_000, Runtime.getRuntime().maxMemory() / 8 / BYTES_PER_CONNECTION);
    int minBodyRate = 240;
    int minResponseRate = 2000;
    int maxMessageBytes = 4 << 20;
    long maxQueuedBytes = 16L << 20;
    long maxQueuedBytesTotal = Runtime.getRuntime().maxMemory() / 4;
    long maxReceivedBytesTotal = Runtime.getRuntime().maxMemory() / 4;
    long maxReceivedBytesPerAddress = Runtime.getRuntime().maxMemory() / 8;

    Duration handshakeTimeout = Duration.ofSeconds(10);
    Duration headerTimeout = Duration.ofSeconds(10);
    Duration bodyTimeout = Duration.ofSeconds(30);
    Duration idleTimeout = Duration.ofSeconds(75);
    Duration writeTimeout = Duration.ofSeconds(30);
    Duration closeTimeout = Duration.ofSeconds(5);
    Duration pingInterval = Duration.ofSeconds(30);

    int drainRate = 1000;
    Duration drainRetry = Duration.ofSeconds(3);

    @Nullable
    Duration stopOnShutdown;

    ServerOptions() {}

    ServerOptions copy() {
        try {
            return (ServerOptions) clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Checks that these options can take the place of others while the server runs.
     *
     * @throws IllegalArgumentException if they differ in what is fixed at the start
     */
    void requireFixedAsIn(ServerOptions running) {
        requireSame("address", address, running.address);
        requireSame("unixSocketPermissions", unixSocketPermissions, running.unixSocketPermissions);
        requireSame("worker", anyWorker(), running.anyWorker());
        requireSame("listener", listenerFactory, running.listenerFactory);
        requireSame("dispatch", dispatch, running.dispatch);
        requireSame("observer", observer, running.observer);
        requireSame("proxyProtocol", proxyProtocol, running.proxyProtocol);
        requireSame("TLS", tls == null ? "off" : "on", running.tls == null ? "off" : "on");
        requireSame("eventLoops", eventLoops, running.eventLoops);
        requireSame("stopOnShutdown", stopOnShutdown, running.stopOnShutdown);
    }

    /** The worker. */
    private Object anyWorker() {
        if (worker != null) {
            return worker;
        }
        return ownWorker != null ? ownWorker : "the server's own";
    }

    private static void requireSame(String option, @Nullable Object wanted, @Nullable Object running) {
        if (!Objects.equals(wanted, running)) {
            throw new IllegalArgumentException(
                    option + " is " + running + " and cannot become " + wanted + " while the server runs");
        }
    }

    /** The address to bind. */
    public SocketAddress address() {
        return address;
    }

    /** The permissions of the socket file; null for those that the process gives to its new files. */
    public @Nullable Set<PosixFilePermission> unixSocketPermissions() {
        return unixSocketPermissions;
    }

    public Handler handler() {
        return handler;
    }

    /** The application's own worker, or null if the server makes one. */
    public @Nullable Executor worker() {
        return worker;
    }

    /** The options of the worker that the server makes; null for the default. */
    public Worker.@Nullable Builder ownWorker() {
        return ownWorker;
    }

    /** Makes the listening socket; null if the server makes it. */
    public @Nullable ListenerFactory listenerFactory() {
        return listenerFactory;
    }

    public Dispatch dispatch() {
        return dispatch;
    }

    public ServerObserver observer() {
        return observer;
    }

    /** The value of the {@code Server} field, or null for none. */
    public @Nullable String serverHeader() {
        return serverHeader;
    }

    public ProxyProtocol proxyProtocol() {
        return proxyProtocol;
    }

    /** The versions of HTTP that are spoken. */
    public Set<HttpVersion> protocols() {
        return protocols;
    }

    public List<Cidr> trustedProxies() {
        return trustedProxies;
    }

    /** Which responses are compressed. */
    public Compression compression() {
        return compression;
    }

    /** Shapes the answers that the server gives by itself; null for plain ones. */
    public @Nullable ErrorPages errorPages() {
        return errorPages;
    }

    /** How the server speaks TLS; null if it does not. */
    public @Nullable Tls tls() {
        return tls;
    }

    public int eventLoops() {
        return eventLoops;
    }

    public long maxBodyBytes() {
        return maxBodyBytes;
    }

    /** 0 is without limit. */
    public long maxStreamedBodyBytes() {
        return maxStreamedBodyBytes;
    }

    /** Whether bodies in a content coding are decoded. */
    public boolean decompressRequests() {
        return decompressRequests;
    }

    public int maxLineBytes() {
        return maxLineBytes;
    }

    public int maxHeaderBytes() {
        return maxHeaderBytes;
    }

    public int maxHeaderCount() {
        return maxHeaderCount;
    }

    public int maxConnections() {
        return maxConnections;
    }

    /** 0 is without limit. */
    public int maxConnectionsPerAddress() {
        return maxConnectionsPerAddress;
    }

    /** Bytes per second; 0 switches the check off. */
    public int minBodyRate() {
        return minBodyRate;
    }

    /** Bytes per second; 0 switches the check off. */
    public int minResponseRate() {
        return minResponseRate;
    }

    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    public long maxQueuedBytes() {
        return maxQueuedBytes;
    }

    public long maxQueuedBytesTotal() {
        return maxQueuedBytesTotal;
    }

    public long maxReceivedBytesTotal() {
        return maxReceivedBytesTotal;
    }

    /** 0: no limit for one address. */
    public long maxReceivedBytesPerAddress() {
        return maxReceivedBytesPerAddress;
    }

    public Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    public Duration headerTimeout() {
        return headerTimeout;
    }

    public Duration bodyTimeout() {
        return bodyTimeout;
    }

    public Duration idleTimeout() {
        return idleTimeout;
    }

    public Duration writeTimeout() {
        return writeTimeout;
    }

    public Duration closeTimeout() {
        return closeTimeout;
    }

    public Duration pingInterval() {
        return pingInterval;
    }

    /** WebSockets and streams per second; 0 is all at once. */
    public int drainRate() {
        return drainRate;
    }

    public Duration drainRetry() {
        return drainRetry;
    }

    /** How long the JVM's shutdown waits for running exchanges; null if it does not stop the server. */
    public @Nullable Duration stopOnShutdown() {
        return stopOnShutdown;
    }

    /** Each option with its value, for people to read. It leaves out passwords, and names the application's objects by class only. */
    @Override
    public String toString() {
        return OptionsText.of(this);
    }
}
