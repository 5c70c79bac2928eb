package org.httpkit.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.httpkit.http.Headers;
import org.httpkit.http.HttpVersion;
import org.httpkit.internal.RealServer;
import org.jspecify.annotations.Nullable;

/**
 * A running HTTP server (RFC 9110, RFC 9112, RFC 9113). Safe from any thread.
 *
 * <pre>{@code
 * HttpServer server = HttpServer.start(8090, request -> Response.text("hello HTTP!"));
 * }</pre>
 *
 * <p>The server's threads keep the JVM alive until it stops.
 */
public final class HttpServer implements AutoCloseable {
    private static final Duration DEFAULT_STOP_TIMEOUT = Duration.ofMillis(100);

    /**
     * Null.
     *
     * @deprecated Not for applications: http-kit's namespace names it, on its way to the constructor that says what is
     *     wrong.
     */
    @Deprecated
    public static final @Nullable Object DEFAULT_WARN_LOGGER = null;

    private final RealServer real;

    private HttpServer(RealServer real) {
        this.real = real;
    }

    /**
     * Fails.
     *
     * @throws IllegalStateException always; the message says what to move
     * @deprecated Not for applications: http-kit's namespace calls it where it has found this class instead of its own.
     */
    @Deprecated
    public HttpServer(
            Object a,
            Object b,
            Object c,
            Object d,
            Object e,
            Object f,
            Object g,
            Object h,
            Object i,
            Object j,
            Object k,
            Object l) {
        throw foundByHttpKit();
    }

    /**
     * Fails.
     *
     * @throws IllegalStateException always; the message says what to move
     * @deprecated Not for applications: a later version of http-kit's namespace calls it.
     */
    @Deprecated
    public HttpServer(
            Object a,
            Object b,
            Object c,
            Object d,
            Object e,
            Object f,
            Object g,
            Object h,
            Object i,
            Object j,
            Object k,
            Object l,
            Object m) {
        throw foundByHttpKit();
    }

    private static IllegalStateException foundByHttpKit() {
        return new IllegalStateException(
                "The namespace org.httpkit.server is http-kit's, and this class is httpkit-server's:"
                        + " on the class path, put httpkit-ring ahead of http-kit, beside httpkit-server,"
                        + " or leave http-kit out if its client is not needed");
    }

    /**
     * Starts a server with default options on all addresses of the machine.
     *
     * @param port 0 to 65535; 0 picks a free port, which {@link #port()} returns
     * @throws IOException if the port cannot be bound
     */
    public static HttpServer start(int port, Handler handler) throws IOException {
        return builder().port(port).handler(handler).start();
    }

    /** Returns a builder with default options. You have to set at least the {@link Builder#handler}. */
    public static Builder builder() {
        return new Builder(new ServerOptions(), false);
    }

    /** The port that the server listens on; -1 on a Unix domain socket. */
    public int port() {
        return real.port();
    }

    /** The address that the server listens on. */
    public SocketAddress address() {
        return real.address();
    }

    public ServerStatus status() {
        return real.status();
    }

    /** The server's current options; see {@link #reconfigure}. */
    public ServerOptions options() {
        return real.options();
    }

    /** The server's current figures. Reading them every second costs next to nothing. */
    public ServerStats stats() {
        return real.stats();
    }

    /** Stops the server and gives running exchanges 100 ms; see {@link #stop(Duration)}. */
    public CompletableFuture<DrainReport> stop() {
        return stop(DEFAULT_STOP_TIMEOUT);
    }

    /**
     * Stops the server. It closes the listening socket and idle connections at once, and lets running exchanges
     * finish until the timeout is over. Then it interrupts their handlers and closes their connections. It closes
     * WebSockets with 1001 and ends event streams, at the {@link Builder#drainRate}.
     *
     * <p>This method returns once the server no longer listens, so that the address is free again. It waits for that a
     * second at most, and not at all on an event loop. The future completes when all threads, sockets and files of the
     * server are gone, three seconds after the timeout at the latest; only a handler that ignores its interrupt keeps
     * its daemon thread. A later call returns a future of the same report. It can shorten the timeout, counted from
     * that call, but not lengthen it.
     *
     * @throws IllegalArgumentException if the timeout is negative or longer than 3650 days
     */
    public CompletableFuture<DrainReport> stop(Duration timeout) {
        return real.stop(Options.requireNotNegative("timeout", timeout));
    }

    /**
     * Calls {@link #stop(int, Runnable)} without a callback.
     *
     * @deprecated For programs written for http-kit; in Java call {@link #stop(Duration)}.
     */
    @Deprecated
    @SuppressWarnings("InlineMeSuggester") // programs written for http-kit keep calling it
    public boolean stop(int timeoutMillis) {
        return stop(timeoutMillis, null);
    }

    /**
     * Stops the server as programs written for http-kit do; see {@link #stop(Duration)}. Returns once the server no
     * longer listens. If the handler is a {@link StopWait}, as Ring handlers are, this method also waits for what is
     * running, up to the timeout.
     *
     * @param timeoutMillis below 0 counts as 0
     * @param whenStopped called once when the server has stopped, if this call stops it; may be null
     * @return whether this call stops the server
     * @deprecated For programs written for http-kit; in Java call {@link #stop(Duration)}.
     */
    @Deprecated
    public boolean stop(int timeoutMillis, @Nullable Runnable whenStopped) {
        Duration timeout = Duration.ofMillis(Math.max(0, timeoutMillis));
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        CompletableFuture<DrainReport> stopped = real.stopFirst(timeout);
        if (stopped == null) {
            return false;
        }
        CompletableFuture<DrainReport> told =
                whenStopped == null ? stopped : stopped.whenComplete((report, failure) -> whenStopped.run());
        if (options().handler() instanceof StopWait handler) {
            handler.awaitStop(this, told, deadlineNanos);
        }
        return true;
    }

    /**
     * Returns {@link #port()}.
     *
     * @deprecated For programs written for http-kit.
     */
    @Deprecated
    @SuppressWarnings("InlineMeSuggester")
    public int getPort() {
        return port();
    }

    /**
     * Returns {@link #status()}.
     *
     * @deprecated For programs written for http-kit.
     */
    @Deprecated
    @SuppressWarnings("InlineMeSuggester")
    public ServerStatus getStatus() {
        return status();
    }

    /** Whether the server has not stopped yet. */
    public boolean isAlive() {
        return status() != ServerStatus.STOPPED;
    }

    /** Blocks until the server has stopped. */
    public void join() throws InterruptedException {
        real.join();
    }

    /**
     * Changes options while the server runs: the handler, {@code serverHeader}, {@code protocols} (for new
     * connections), {@code trustedProxies}, {@code compression}, {@code decompressRequests}, {@code errorPages}, {@code
     * tls} (certificates and settings), {@code drainRate}, {@code drainRetry}, and all limits and timeouts.
     *
     * <pre>{@code
     * server.reconfigure(options -> options.handler(next).maxBodyBytes(1 << 20).idleTimeout(Duration.ofSeconds(20)));
     * }</pre>
     *
     * <p>All changes of one call take effect together. An exchange keeps the options that were in force when its
     * first byte arrived, until it ends; so does a WebSocket or a stream that the exchange becomes. Connections
     * without an exchange use the new options at once, and so does the decision whether to accept another connection.
     * Lowering {@code maxConnections} or {@code maxConnectionsPerAddress} closes no connection.
     *
     * <p>Any thread may call this method; calls take effect one after the other. On a stopped server they have no
     * effect.
     *
     * @param change receives a builder with the current options. It runs once, in this thread, and must not keep the
     *     builder
     * @throws IllegalArgumentException if a value is illegal, or if an option changes that is fixed at the start:
     *     {@code port}, {@code address}, {@code unixSocket}, {@code listener}, {@code eventLoops}, {@code worker},
     *     {@code dispatch}, {@code observer}, {@code proxyProtocol}, {@code stopOnShutdown}, and whether there is TLS.
     *     In this case, and when {@code change} throws, nothing changes
     * @throws java.io.UncheckedIOException if the certificates of a new {@code tls} cannot be loaded; nothing changes
     */
    public void reconfigure(Consumer<Builder> change) {
        real.reconfigure(running -> {
            Builder builder = new Builder(running.copy(), true);
            change.accept(builder);
            ServerOptions changed = builder.options.copy();
            changed.requireFixedAsIn(running);
            return changed;
        });
    }

    /** The address and the status, for people to read. */
    @Override
    public String toString() {
        return "HttpServer[" + address() + ", " + status() + "]";
    }

    /**
     * Calls {@link #stop()} and waits until the server has stopped. When a handler with {@link Dispatch#INLINE} calls
     * this method, it does not wait, because the server cannot stop before that handler returns.
     */
    @Override
    public void close() {
        CompletableFuture<DrainReport> stopped = stop();
        if (!real.isOnLoop()) {
            stopped.join();
        }
    }

    /**
     * Collects the options of a server. Confined to one thread. Each method returns the builder. A value out of range
     * throws {@link IllegalArgumentException}, which names the option, the value and the range. Durations may be from
     * zero to 3650 days.
     */
    public static final class Builder {
        private final ServerOptions options;
        private boolean handlerSet;
        private boolean dispatchChosen;

        private Builder(ServerOptions options, boolean handlerSet) {
            this.options = options;
            this.handlerSet = handlerSet;
            this.dispatchChosen = handlerSet; // of a running server everything is chosen
        }

        /** The handler that answers requests. Required. */
        public Builder handler(Handler handler) {
            options.handler = Objects.requireNonNull(handler, "handler");
            handlerSet = true;
            return this;
        }

        /** The port to bind on all addresses of the machine: 0 to 65535; 0 picks a free port. Default 8090. */
        public Builder port(int port) {
            return address("0.0.0.0", port);
        }

        /**
         * The address to bind, by name or number, and the port: 0 to 65535; 0 picks a free port. Default 0.0.0.0 and
         * 8090. This method looks up the name.
         */
        public Builder address(String host, int port) {
            Options.requireBetween("port", port, 0, 65535);
            InetSocketAddress address = new InetSocketAddress(host, port);
            if (address.isUnresolved()) {
                throw new IllegalArgumentException("host is " + host + ", which has no address");
            }
            options.address = address;
            return this;
        }

        /**
         * Listens on a Unix domain socket instead of TCP. The socket file gets the permissions that the process gives
         * to new files.
         *
         * <p>{@link #start} replaces a socket file that no process listens on. It fails if another file has this
         * name: the socket of a live server, or a file that is not a socket. The server removes the file when it
         * begins to stop, so that a successor can take the name. If another file has taken the name by then, the
         * server leaves it alone.
         *
         * @param path about 100 bytes long at most; the exact limit is the operating system's
         */
        public Builder unixSocket(Path path) {
            Path name = path.getFileName();
            if (name == null || name.toString().isEmpty()) {
                throw new IllegalArgumentException("path is \"" + path + "\"; it must name a file");
            }
            options.address = UnixDomainSocketAddress.of(path);
            options.unixSocketPermissions = null;
            return this;
        }

        /**
         * Does as {@link #unixSocket(Path)}, and sets the permissions of the file. A client needs the permission to
         * write. The file never has other permissions under its name.
         */
        public Builder unixSocket(Path path, Set<PosixFilePermission> permissions) {
            Set<PosixFilePermission> copy = Set.copyOf(permissions);
            unixSocket(path);
            options.unixSocketPermissions = copy;
            return this;
        }

        /** Listens on an address of any kind; see {@link #listener}. */
        public Builder address(SocketAddress address) {
            options.address = Objects.requireNonNull(address, "address");
            options.unixSocketPermissions = null;
            return this;
        }

        /** Makes the listening socket when {@link #start} is called. Default: the server makes it. */
        public Builder listener(ListenerFactory factory) {
            options.listenerFactory = Objects.requireNonNull(factory, "factory");
            return this;
        }

        /**
         * The executor that runs handlers. The server never shuts it down. Default: the server makes a {@link
         * Worker}. If the executor refuses a request, the client gets 503 with {@code Retry-After: 1}.
         *
         * <p>Event loops call {@code execute}, so that method must not block. An executor that runs tasks in the
         * caller's thread, as {@code CallerRunsPolicy} does, would block an event loop; the server moves such a task
         * to a worker that it makes for this purpose.
         */
        public Builder worker(Executor worker) {
            options.worker = Objects.requireNonNull(worker, "worker");
            options.ownWorker = null;
            return runOnWorker();
        }

        /** Runs handlers on a worker that the server makes, and shuts down when it has stopped. */
        public Builder worker(Worker.Builder worker) {
            options.worker = null;
            options.ownWorker = Objects.requireNonNull(worker, "worker");
            return runOnWorker();
        }

        private Builder runOnWorker() {
            if (!dispatchChosen) {
                options.dispatch = Dispatch.WORKER;
            }
            return this;
        }

        /** Where handlers run. Default {@link Dispatch#ADAPTIVE}, or {@link Dispatch#WORKER} if you set a worker. */
        public Builder dispatch(Dispatch dispatch) {
            dispatchChosen = true;
            options.dispatch = Objects.requireNonNull(dispatch, "dispatch");
            return this;
        }

        /** The observer that the server informs of events. Default: an observer that logs. */
        public Builder observer(ServerObserver observer) {
            options.observer = Objects.requireNonNull(observer, "observer");
            return this;
        }

        /** The {@code Server} field of each response; null leaves it out. Default {@code httpkit}. */
        public Builder serverHeader(@Nullable String serverHeader) {
            if (serverHeader != null) {
                Headers.of("Server", serverHeader); // checks the characters
            }
            options.serverHeader = serverHeader;
            return this;
        }

        /**
         * The versions of HTTP that the server speaks. Default {@link HttpVersion#HTTP_1_1}, which includes 1.0, and
         * {@link HttpVersion#HTTP_2}.
         *
         * <p>With both, ALPN chooses over TLS. In plain text, a connection that begins with the preface of HTTP/2
         * speaks HTTP/2 (RFC 9113 section 3.3: prior knowledge), and any other connection speaks HTTP/1.1. The server
         * ignores {@code Upgrade: h2c}. Without HTTP/2 it answers that preface with 505.
         *
         * @throws IllegalArgumentException for no version, and for {@link HttpVersion#HTTP_1_0}, which is not
         *     available alone
         */
        public Builder protocols(HttpVersion... protocols) {
            if (protocols.length == 0) {
                throw new IllegalArgumentException("protocols is empty; a server has to speak one at least");
            }
            for (HttpVersion protocol : protocols) {
                if (protocol == HttpVersion.HTTP_1_0) {
                    throw new IllegalArgumentException(
                            "protocols has HTTP_1_0, which comes with HTTP_1_1 and not alone");
                }
            }
            options.protocols = Set.copyOf(List.of(protocols));
            return this;
        }

        /**
         * Whether connections begin with a PROXY protocol header, version 1 or 2. Default {@link
         * ProxyProtocol#DISABLED}.
         *
         * <p>{@link Request#remoteAddress} is the client that the header names. The server replaces the fields {@code
         * X-Forwarded-For}, {@code -Proto} and {@code -Port} of each request by what the header says. The header and
         * the first request's head must be complete within one {@link #headerTimeout}, and a header of version 2 may
         * have 4096 bytes; otherwise the connection closes, without a response if the header is incomplete.
         */
        public Builder proxyProtocol(ProxyProtocol proxyProtocol) {
            options.proxyProtocol = Objects.requireNonNull(proxyProtocol, "proxyProtocol");
            return this;
        }

        /**
         * The proxies whose {@code Forwarded} or {@code X-Forwarded-For} the server believes. Default none, since any
         * client can write these fields. Replaces earlier values.
         *
         * <p>A proxy that connects to a Unix domain socket has no address: {@link Cidr#UNIX} trusts every process
         * that can connect.
         *
         * <p>A trusted proxy must write one of the two fields and remove the other. If both are present, the server
         * cannot tell which of them a client wrote. It answers 400 if they name different clients or schemes, and
         * ignores what only one of them says, such as the host in {@code Forwarded}. A proxy must also write or
         * remove {@code X-Forwarded-Proto}.
         */
        public Builder trustedProxies(Cidr... trustedProxies) {
            options.trustedProxies = List.of(trustedProxies);
            return this;
        }

        /** Which responses the server compresses. Default {@link Compression#off}. */
        public Builder compression(Compression compression) {
            options.compression = Objects.requireNonNull(compression, "compression");
            return this;
        }

        /**
         * Shapes the responses that the server makes itself: 404 for null and for missing files, 500 for handlers
         * that fail, 400, 408, 413 and the like for requests that it refuses. Default null: these responses are plain
         * text, and 404 is empty. {@link Problem#json} is ready-made.
         */
        public Builder errorPages(@Nullable ErrorPages pages) {
            options.errorPages = pages;
            return this;
        }

        /** The number of event loops, each with its thread: 1 to 1024. Default: one per processor. */
        public Builder eventLoops(int eventLoops) {
            options.eventLoops = Options.requireBetween("eventLoops", eventLoops, 1, 1024);
            return this;
        }

        /**
         * The longest body that the server collects for a handler, in bytes: 0 to 2 147 483 639. Default 8 MiB. A
         * longer body gets 413, before the server reads it if the client declared the length, and the connection
         * closes. {@link #maxStreamedBodyBytes} limits streamed bodies. With {@link #decompressRequests} this limit
         * applies both before and after decoding.
         */
        public Builder maxBodyBytes(long maxBodyBytes) {
            options.maxBodyBytes = Options.requireBetween("maxBodyBytes", maxBodyBytes, 0, Integer.MAX_VALUE - 8);
            return this;
        }

        /**
         * The longest body that a handler may read as it arrives, in bytes: 1 or more, or 0 for no limit. Default 0.
         * If the client declares more, it gets 413, and the server does not call the handler. If more arrives,
         * reading throws, and the client gets 413 unless the handler answers something else; the server reads no more
         * of it. With {@link #decompressRequests} this limit applies both before and after decoding.
         */
        public Builder maxStreamedBodyBytes(long maxStreamedBodyBytes) {
            options.maxStreamedBodyBytes =
                    Options.requireBetween("maxStreamedBodyBytes", maxStreamedBodyBytes, 0, Long.MAX_VALUE);
            return this;
        }

        /**
         * Whether the server decodes request bodies in a content coding (RFC 9110 section 8.4) before handlers get
         * them: gzip, deflate (which is zlib), and every {@link ContentCoding} that it finds. Default false: handlers
         * get bodies as the client sent them.
         *
         * <p>The handler then sees neither {@code Content-Encoding} nor {@code Content-Length}, and the length of a
         * streamed body is unknown. More than one coding, or an unknown one, gets 415 with {@code Accept-Encoding}.
         * Malformed content gets 400. Content that becomes longer than {@link #maxBodyBytes} or {@link
         * #maxStreamedBodyBytes} gets 413. The server decodes where it calls the handler: with {@link
         * Dispatch#INLINE} the event loop decodes collected bodies.
         */
        public Builder decompressRequests(boolean decompressRequests) {
            options.decompressRequests = decompressRequests;
            return this;
        }

        /**
         * The longest request line or field line, in bytes, CRLF included: 64 to 16 MiB. Default 8192. A longer
         * request line gets 414, a longer field line 431, and the connection closes.
         */
        public Builder maxLineBytes(int maxLineBytes) {
            options.maxLineBytes = Options.requireBetween("maxLineBytes", maxLineBytes, 64, 16 << 20);
            return this;
        }

        /**
         * All field lines of a request together, in bytes, without the request line: 64 to 16 MiB. Default 65536. The
         * trailer section has the same limit. A longer one gets 431, and the connection closes.
         */
        public Builder maxHeaderBytes(int maxHeaderBytes) {
            options.maxHeaderBytes = Options.requireBetween("maxHeaderBytes", maxHeaderBytes, 64, 16 << 20);
            return this;
        }

        /**
         * The most header fields of a request: 1 to 65536. Default 100. A request with more gets 431, and the
         * connection closes.
         */
        public Builder maxHeaderCount(int maxHeaderCount) {
            options.maxHeaderCount = Options.requireBetween("maxHeaderCount", maxHeaderCount, 1, 65536);
            return this;
        }

        /**
         * The longest WebSocket message, in bytes, all fragments together and inflated: 1 to 2 147 483 639. Default 4
         * MiB. A longer message closes the WebSocket with 1009.
         */
        public Builder maxMessageBytes(int maxMessageBytes) {
            options.maxMessageBytes =
                    Options.requireBetween("maxMessageBytes", maxMessageBytes, 1, Integer.MAX_VALUE - 8);
            return this;
        }

        /**
         * How many bytes may wait in one channel for a client that falls behind: 1 or more. Default 16 MiB. At the
         * limit, {@link WhenFull} decides about the next message. Below it, the channel accepts any message, so that
         * a large one can pass.
         */
        public Builder maxQueuedBytes(long maxQueuedBytes) {
            options.maxQueuedBytes = Options.requireBetween("maxQueuedBytes", maxQueuedBytes, 1, Long.MAX_VALUE);
            return this;
        }

        /**
         * How many bytes may wait for all clients together: 1 or more. Default a quarter of the largest heap. Beyond
         * it, the server closes the connection to blame most with {@link CloseReason.Cause#SLOW_CONSUMER}: it weighs
         * how long the client has taken nothing, and how much waits for it and for its address. A client that reads
         * as fast as it can is hardly ever chosen. Half of this may wait for one address (an IPv4 address or an IPv6
         * /64); beyond that, the server chooses among the connections of that address. {@link #trustedProxies} and
         * Unix domain sockets have no such limit.
         */
        public Builder maxQueuedBytesTotal(long maxQueuedBytesTotal) {
            options.maxQueuedBytesTotal =
                    Options.requireBetween("maxQueuedBytesTotal", maxQueuedBytesTotal, 1, Long.MAX_VALUE);
            return this;
        }

        /**
         * How many bytes of unfinished requests and messages the server may hold for all clients together: 1 or more.
         * Default a quarter of the largest heap. Beyond it, the server refuses the slow clients that have held most
         * for longest: with 503, or with 1013 on a WebSocket. It counts them under {@link CloseReason.Cause#OVERLOAD}
         * and calls {@link ServerObserver#inputShed}. What a handler has received counts until its exchange
         * ends, but the server never takes it back.
         *
         * <p>The server never refuses the only connection that holds something; {@link #maxBodyBytes} and {@link
         * #maxMessageBytes} limit that one.
         */
        public Builder maxReceivedBytesTotal(long maxReceivedBytesTotal) {
            options.maxReceivedBytesTotal =
                    Options.requireBetween("maxReceivedBytesTotal", maxReceivedBytesTotal, 1, Long.MAX_VALUE);
            return this;
        }

        /**
         * As {@link #maxReceivedBytesTotal}, for one client, which is an IPv4 address or an IPv6 /64: 1 or more
         * bytes, or 0 for no separate limit. Default an eighth of the largest heap. Each open connection of the
         * client counts 1 KiB. The limit does not apply to {@link #trustedProxies} and Unix domain sockets.
         */
        public Builder maxReceivedBytesPerAddress(long maxReceivedBytesPerAddress) {
            options.maxReceivedBytesPerAddress =
                    Options.requireBetween("maxReceivedBytesPerAddress", maxReceivedBytesPerAddress, 0, Long.MAX_VALUE);
            return this;
        }

        /**
         * The most connections open at once: 1 or more. Default 100 000. To accept one more, the server closes the
         * connection that has waited longest for its next request, if that is at least a second. It counts that one
         * under {@link CloseReason.Cause#CONNECTION_LIMIT} and calls {@link ServerObserver#connectionGivenUp}. If
         * there is no such connection, new ones wait unaccepted, and the server calls {@link
         * ServerObserver#connectionsExhausted}.
         */
        public Builder maxConnections(int maxConnections) {
            options.maxConnections = Options.requireBetween("maxConnections", maxConnections, 1, Integer.MAX_VALUE - 1);
            return this;
        }

        /**
         * The most connections open at once of one client, which is an IPv4 address or an IPv6 /64: 1 or more, or 0
         * for no separate limit. Default 25 000, or fewer if an eighth of the largest heap cannot hold that many at
         * 1792 bytes each. No client can take all connections, and the address translation of a whole carrier fits.
         * Few services need more than a few hundred. The server closes a further connection at once, counts it under
         * {@link CloseReason.Cause#ADDRESS_LIMIT}, and calls {@link ServerObserver#connectionRefused}.
         *
         * <p>Behind a proxy, all connections have the proxy's address: name the proxy in {@link #trustedProxies},
         * whose connections do not count. With {@link #proxyProtocol} a connection counts for the client that its
         * header names. Until the header has arrived, and if it names no client, the connection counts for the proxy.
         * Connections of a Unix domain socket do not count.
         */
        public Builder maxConnectionsPerAddress(int maxConnectionsPerAddress) {
            options.maxConnectionsPerAddress = Options.requireBetween(
                    "maxConnectionsPerAddress", maxConnectionsPerAddress, 0, Integer.MAX_VALUE - 1);
            return this;
        }

        /**
         * The least rate of a request body or a WebSocket message, in bytes per second on average since its first
         * byte, judged after five seconds; 0 switches the check off. Default 240. A slower one gets 408, or close
         * code 1008, and the connection closes. Bytes that came early count for half a minute at most. Until the
         * first byte of a body arrives, only {@link #bodyTimeout} applies.
         */
        public Builder minBodyRate(int bytesPerSecond) {
            options.minBodyRate = Options.requireBetween("minBodyRate", bytesPerSecond, 0, Integer.MAX_VALUE);
            return this;
        }

        /**
         * The rate at which a client has to take what waits for it, in bytes per second; 0 switches the check off.
         * Default 2000. A client that is {@link #writeTimeout} behind this rate loses its connection, as if it had
         * taken nothing for that long. A client at half the rate therefore has twice the timeout. Having been faster
         * before does not help, and time in which nothing waits for the client does not count.
         */
        public Builder minResponseRate(int bytesPerSecond) {
            options.minResponseRate = Options.requireBetween("minResponseRate", bytesPerSecond, 0, Integer.MAX_VALUE);
            return this;
        }

        /**
         * Speaks TLS, and nothing else, on this port. Null, the default, speaks plain HTTP. {@link
         * HttpServer#reconfigure} can replace the certificates, or load them again, while the server runs: new
         * handshakes use them, open connections keep theirs.
         */
        public Builder tls(@Nullable Tls tls) {
            options.tls = tls;
            return this;
        }

        /**
         * How long a TLS handshake may take, counted from the connection, including a PROXY protocol header; zero
         * means no limit. Default 10 s. Then the connection closes.
         */
        public Builder handshakeTimeout(Duration timeout) {
            options.handshakeTimeout = Options.requireNotNegative("handshakeTimeout", timeout);
            return this;
        }

        /**
         * How long a client may take for a request head; zero means no limit. Default 10 s. The first head counts
         * from the connection, including a PROXY protocol header, a later head from its first byte. Then the client
         * gets 408 if anything has arrived, and the connection closes.
         */
        public Builder headerTimeout(Duration timeout) {
            options.headerTimeout = Options.requireNotNegative("headerTimeout", timeout);
            return this;
        }

        /**
         * How long a body may take to begin, and how long a body or an unfinished WebSocket message may stall; zero
         * means no limit. Default 30 s. Then the client gets 408, or close code 1008, and the connection closes.
         * {@link #minBodyRate} also applies once the body has begun.
         */
        public Builder bodyTimeout(Duration timeout) {
            options.bodyTimeout = Options.requireNotNegative("bodyTimeout", timeout);
            return this;
        }

        /** How long a connection may rest between requests; zero means no limit. Default 75 s. Then it closes. */
        public Builder idleTimeout(Duration timeout) {
            options.idleTimeout = Options.requireNotNegative("idleTimeout", timeout);
            return this;
        }

        /**
         * How long a client may take nothing of what waits for it; zero means no limit. Default 30 s. Then the
         * connection closes. A client that takes less than {@link #minResponseRate} falls behind, and counts as one
         * that takes nothing.
         */
        public Builder writeTimeout(Duration timeout) {
            options.writeTimeout = Options.requireNotNegative("writeTimeout", timeout);
            return this;
        }

        /**
         * How long a client may take to close its half of a connection that the server has closed; zero closes at
         * once. Default 5 s, and a second at most while the server stops.
         */
        public Builder closeTimeout(Duration timeout) {
            options.closeTimeout = Options.requireNotNegative("closeTimeout", timeout);
            return this;
        }

        /**
         * How long a WebSocket, or an HTTP/2 connection with open streams, may be silent before the server sends a
         * ping; zero sends none. Default 30 s. After two pings without any frame in return the server closes the
         * connection.
         */
        public Builder pingInterval(Duration interval) {
            options.pingInterval = Options.requireNotNegative("pingInterval", interval);
            return this;
        }

        /**
         * How many WebSockets and event streams the server closes per second when it stops: 0 to 1 000 000; 0 closes
         * all at once. Default 1000. Their clients reconnect at once, and a successor should not have to accept all
         * of them in one moment. The server goes faster if half of the stop's timeout would not be enough.
         */
        public Builder drainRate(int perSecond) {
            options.drainRate = Options.requireBetween("drainRate", perSecond, 0, 1_000_000);
            return this;
        }

        /**
         * How long clients of event streams should wait before they reconnect to a server that stops: each gets a
         * random time from half of this to one and a half of it, in the stream's last field ({@code retry}, WHATWG
         * HTML section 9.2.6). Clients keep that time for all reconnections until they receive another. Default 3 s;
         * zero sends none.
         */
        public Builder drainRetry(Duration retry) {
            options.drainRetry = Options.requireNotNegative("drainRetry", retry);
            return this;
        }

        /**
         * Stops the server when the JVM shuts down; the shutdown waits this long for running exchanges. Default: the
         * JVM does not stop the server.
         */
        public Builder stopOnShutdown(Duration timeout) {
            options.stopOnShutdown = Options.requireNotNegative("stopOnShutdown", timeout);
            return this;
        }

        /** The current options. Later changes of this builder do not affect them. */
        public ServerOptions options() {
            return options.copy();
        }

        /**
         * Binds the address and begins to serve.
         *
         * @throws IOException if the address cannot be bound, or a file of {@link #tls} cannot be used; the message
         *     names which, and no thread is left behind
         * @throws IllegalStateException if you have not set a handler
         */
        public HttpServer start() throws IOException {
            if (!handlerSet) {
                throw new IllegalStateException("No handler was set; call handler(...) before start()");
            }
            HttpServer server = new HttpServer(RealServer.start(options.copy()));
            LogReadiness.started(server.address());
            return server;
        }
    }
}
