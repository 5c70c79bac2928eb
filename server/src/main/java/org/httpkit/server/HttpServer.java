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
 * A running HTTP/1.1 server (RFC 9110, RFC 9112). Safe from any thread.
 *
 * <pre>{@code
 * HttpServer server = HttpServer.start(8090, request -> Response.text("hello HTTP!"));
 * }</pre>
 *
 * <p>Its threads keep the JVM alive until it is stopped.
 */
public final class HttpServer implements AutoCloseable {
    private static final Duration DEFAULT_STOP_TIMEOUT = Duration.ofMillis(100);

    /** Not for applications: http-kit's namespace names it, on its way to the constructor that says what is wrong. */
    public static final @Nullable Object DEFAULT_WARN_LOGGER = null;

    private final RealServer real;

    private HttpServer(RealServer real) {
        this.real = real;
    }

    /**
     * Not for applications: http-kit's namespace calls it where it has found this class instead of its own.
     *
     * @throws IllegalStateException always; the message says what to move
     */
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

    /** As the one above, for later versions. */
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
     * @param port 0 to 65535; 0 picks a free port, which {@link #port()} tells
     * @throws IOException if the port cannot be bound
     */
    public static HttpServer start(int port, Handler handler) throws IOException {
        return builder().port(port).handler(handler).start();
    }

    /** A builder with default options; at least the {@link Builder#handler} has to be set. */
    public static Builder builder() {
        return new Builder(new ServerOptions(), false);
    }

    /** The port the server listens on; -1 on a Unix domain socket. */
    public int port() {
        return real.port();
    }

    /** The address the server listens on. */
    public SocketAddress address() {
        return real.address();
    }

    public ServerStatus status() {
        return real.status();
    }

    /** The options the server runs with now; see {@link #reconfigure}. */
    public ServerOptions options() {
        return real.options();
    }

    /** The server's figures now. Cheap enough to be asked every second. */
    public ServerStats stats() {
        return real.stats();
    }

    /** Stops and gives running exchanges 100 ms; see {@link #stop(Duration)}. */
    public CompletableFuture<DrainReport> stop() {
        return stop(DEFAULT_STOP_TIMEOUT);
    }

    /**
     * Stops: closes the listening socket and idle connections at once, lets running exchanges finish until the timeout is over,
     * then interrupts their handlers and closes their connections. WebSockets are told to go, with 1001, and streams are ended, at
     * the {@link Builder#drainRate}. Returns when nobody listens any more, so that the address is free again. The future completes
     * when all threads,
     * sockets and files of the server are gone, but for a handler that ignores its interrupt: it keeps its daemon thread. A later
     * call returns the same future; it can shorten the timeout, to its own from now on, but not lengthen it.
     */
    public CompletableFuture<DrainReport> stop(Duration timeout) {
        return real.stop(Options.requireNotNegative("timeout", timeout));
    }

    /** {@link #stop(int, Runnable)} with nobody to tell. */
    public boolean stop(int timeoutMillis) {
        return stop(timeoutMillis, null);
    }

    /**
     * {@link #stop(Duration)}, as programs written for http-kit call it. Returns when nobody listens any more, and later if the handler
     * is a {@link StopWait}, as those of Ring are: it then waits for what runs, up to the timeout.
     *
     * @param timeoutMillis below 0 counts as 0
     * @param whenStopped called once when the server has stopped, if it is this call that stops it; null for nobody
     * @return whether it is this call that stops the server
     */
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

    /** {@link #port()}. */
    public int getPort() {
        return port();
    }

    /** {@link #status()}. */
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
     * Changes options while the server runs: the handler, {@code serverHeader}, {@code trustedProxies}, {@code compression}, {@code
     * decompressRequests}, {@code errorPages}, and all limits and timeouts.
     *
     * <pre>{@code
     * server.reconfigure(options -> options.handler(next).maxBodyBytes(1 << 20).idleTimeout(Duration.ofSeconds(20)));
     * }</pre>
     *
     * <p>All changes of one call take effect together: an exchange goes by the options of the moment in which its first byte
     * arrived, to its end, and so does the WebSocket or the stream that comes of it. What has no exchange goes by the new options
     * at once: connections that are idle or have sent nothing, and whether another one is let in. No connection is closed because
     * {@code maxConnections} or {@code maxConnectionsPerAddress} went down.
     *
     * <p>May be called from any thread; calls take effect one after the other. On a server that has been stopped they have none.
     *
     * @param change is given a builder with the options of now. It is called in this thread, once, and must not keep the builder
     * @throws IllegalArgumentException if a value is not legal, or an option differs that is fixed when the server starts:
     *     {@code port}, {@code address}, {@code unixSocket}, {@code listener}, {@code eventLoops}, {@code worker}, {@code dispatch}, {@code
     *     observer}, {@code proxyProtocol}, {@code stopOnShutdown}. Then, and with anything else that the change throws, nothing
     *     has changed
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
     * {@link #stop()}, and waits for its end. A handler with {@link Dispatch#INLINE} that calls this does not wait: the server could not
     * stop before the handler has returned.
     */
    @Override
    public void close() {
        CompletableFuture<DrainReport> stopped = stop();
        if (!real.isOnLoop()) {
            stopped.join();
        }
    }

    /** Collects the options of a server. Confined to one thread. Each method returns the builder itself. */
    public static final class Builder {
        private final ServerOptions options;
        private boolean handlerSet;
        private boolean dispatchChosen;

        private Builder(ServerOptions options, boolean handlerSet) {
            this.options = options;
            this.handlerSet = handlerSet;
            this.dispatchChosen = handlerSet; // of a running server everything is chosen
        }

        /** Who answers the requests. Required. */
        public Builder handler(Handler handler) {
            options.handler = Objects.requireNonNull(handler, "handler");
            handlerSet = true;
            return this;
        }

        /** The port to bind on all addresses of the machine: 0 to 65535, 0 picks a free one. Default 8090. */
        public Builder port(int port) {
            return address("0.0.0.0", port);
        }

        /**
         * The address to bind, by name or number, and the port: 0 to 65535, 0 picks a free one. Default 0.0.0.0 and 8090. The
         * name is looked up here.
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
         * Listens on a Unix domain socket instead of TCP, at a file with the permissions that the process gives to its new files.
         *
         * <p>A socket file that nobody listens on any more is replaced. {@link #start} fails if another file has the name: one
         * that is not a socket, or the socket of a living server. The file is removed when the server begins to stop, so that
         * its successor can take the name; if somebody has given the name to another file meanwhile, that one stays.
         *
         * @param path about 100 bytes long at most, as the system has it
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
         * {@link #unixSocket(Path)} with these permissions of the file. To connect, one needs the right to write. The file never
         * has other permissions under its name.
         */
        public Builder unixSocket(Path path, Set<PosixFilePermission> permissions) {
            Set<PosixFilePermission> copy = Set.copyOf(permissions);
            unixSocket(path);
            options.unixSocketPermissions = copy;
            return this;
        }

        /** Listens on this address, of whatever kind; see {@link #listener}. */
        public Builder address(SocketAddress address) {
            options.address = Objects.requireNonNull(address, "address");
            options.unixSocketPermissions = null;
            return this;
        }

        /** Who makes the socket to listen on, once {@link #start} is called. Default: the server. */
        public Builder listener(ListenerFactory factory) {
            options.listenerFactory = Objects.requireNonNull(factory, "factory");
            return this;
        }

        /**
         * Runs the handlers. The application's own: the server never shuts it down. Default: a {@link Worker} made for the
         * server. If it refuses a request, the client gets 503 with {@code Retry-After: 1}.
         *
         * <p>Event loops call its {@code execute}, so that must not block. A task that it runs in the thread of its caller, as {@code
         * CallerRunsPolicy} does, would block an event loop; such a task runs on a worker of the server's own instead.
         */
        public Builder worker(Executor worker) {
            options.worker = Objects.requireNonNull(worker, "worker");
            options.ownWorker = null;
            return runOnWorker();
        }

        /** Runs the handlers on a worker that the server makes, and shuts down when it has stopped. */
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

        /** Where handlers run. Default {@link Dispatch#ADAPTIVE}, or {@link Dispatch#WORKER} if a worker is given. */
        public Builder dispatch(Dispatch dispatch) {
            dispatchChosen = true;
            options.dispatch = Objects.requireNonNull(dispatch, "dispatch");
            return this;
        }

        /** Who is told what happens. Default: one that logs. */
        public Builder observer(ServerObserver observer) {
            options.observer = Objects.requireNonNull(observer, "observer");
            return this;
        }

        /** The {@code Server} field of each response; null for none. Default {@code httpkit}. */
        public Builder serverHeader(@Nullable String serverHeader) {
            if (serverHeader != null) {
                Headers.of("Server", serverHeader); // checks the characters
            }
            options.serverHeader = serverHeader;
            return this;
        }

        /**
         * The versions of HTTP that are spoken. Default {@link HttpVersion#HTTP_1_1}, with which goes 1.0, and {@link
         * HttpVersion#HTTP_2}.
         *
         * <p>With both, ALPN chooses over TLS. In plain text a connection speaks HTTP/2 if it begins with the preface of that (RFC 9113
         * section 3.3: prior knowledge), else HTTP/1.1; {@code Upgrade: h2c} is not taken up. Without HTTP/2 that preface is answered
         * with 505.
         *
         * @throws IllegalArgumentException if there is none, or {@link HttpVersion#HTTP_1_0}, which cannot be had alone
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
         * Whether connections begin with a PROXY protocol header, version 1 or 2. Default {@link ProxyProtocol#DISABLED}.
         *
         * <p>The client that the header names is the {@link Request#remoteAddress}; the fields {@code X-Forwarded-For}, {@code
         * -Proto} and {@code -Port} of each request are replaced by what the header says. A header and the first request's head
         * must be complete within one {@link #headerTimeout}, and a header of version 2 may have 4096 bytes; else the connection
         * closes, before the header's end without an answer.
         */
        public Builder proxyProtocol(ProxyProtocol proxyProtocol) {
            options.proxyProtocol = Objects.requireNonNull(proxyProtocol, "proxyProtocol");
            return this;
        }

        /**
         * The proxies whose word we take on whom they speak for, in {@code Forwarded} or {@code X-Forwarded-For}. Default none:
         * these fields are then what anybody may write. Replaces those given before.
         *
         * <p>A proxy that connects to our Unix domain socket has no address: {@link Cidr#UNIX} trusts whoever does.
         *
         * <p>A trusted proxy must write one of the two fields and remove the other one. If both are there, nothing tells which of them a
         * client wrote: a request in which they name different clients or schemes gets 400, and what only one of them tells is not
         * believed, as the host that {@code Forwarded} has. A proxy must also write or remove {@code X-Forwarded-Proto}.
         */
        public Builder trustedProxies(Cidr... trustedProxies) {
            options.trustedProxies = List.of(trustedProxies);
            return this;
        }

        /** Which responses are compressed. Default {@link Compression#off}. */
        public Builder compression(Compression compression) {
            options.compression = Objects.requireNonNull(compression, "compression");
            return this;
        }

        /**
         * Who shapes the answers that the server gives by itself: 404 for null and missing files, 500 for handlers that fail, 400, 408, 413 and
         * the like for requests that it refuses. Null for nobody: then they are plain text, and 404 is empty. Default null. {@link
         * Problem#json} is ready-made.
         */
        public Builder errorPages(@Nullable ErrorPages pages) {
            options.errorPages = pages;
            return this;
        }

        /** How many event loops, each with its thread: 1 to 1024. Default: one per processor. */
        public Builder eventLoops(int eventLoops) {
            options.eventLoops = Options.requireBetween("eventLoops", eventLoops, 1, 1024);
            return this;
        }

        /**
         * Longest body collected for a handler, in bytes: 0 to 2 147 483 639. Default 8 MiB. A longer one is answered with 413,
         * before it is read if its length was declared, and the connection closes. Streamed bodies have {@link #maxStreamedBodyBytes} instead.
         * With {@link #decompressRequests} it counts once more for what comes out.
         */
        public Builder maxBodyBytes(long maxBodyBytes) {
            options.maxBodyBytes = Options.requireBetween("maxBodyBytes", maxBodyBytes, 0, Integer.MAX_VALUE - 8);
            return this;
        }

        /**
         * Longest body that a handler may read as it arrives, in bytes: 1 or more, or 0 for any length. Default 0. If more is announced, the
         * handler is not called, and the client gets 413. If more comes, reading fails, and unless the handler makes something else of that,
         * the client gets 413; no more is read of it. With {@link #decompressRequests} it counts once more for what comes out.
         */
        public Builder maxStreamedBodyBytes(long maxStreamedBodyBytes) {
            options.maxStreamedBodyBytes =
                    Options.requireBetween("maxStreamedBodyBytes", maxStreamedBodyBytes, 0, Long.MAX_VALUE);
            return this;
        }

        /**
         * Whether bodies in a content coding (RFC 9110 section 8.4) are decoded before the handler gets them: gzip, deflate (which is zlib),
         * and what is found as a {@link ContentCoding}. Default false: handlers get bodies as they were sent.
         *
         * <p>The handler then sees no {@code Content-Encoding} and no {@code Content-Length}, and the length of a streamed body is not known.
         * Another coding, or more than one, gets 415 with {@code Accept-Encoding}; what is not in the coding that it names gets 400; and if
         * more comes out than {@link #maxBodyBytes} or {@link #maxStreamedBodyBytes}, 413. All of that happens where the handler would be
         * called: with {@link Dispatch#INLINE} the event loop decodes collected bodies.
         */
        public Builder decompressRequests(boolean decompressRequests) {
            options.decompressRequests = decompressRequests;
            return this;
        }

        /**
         * Longest request line or field line accepted, in bytes, CRLF included: 64 to 16 MiB. Default 8192. A longer request line
         * gets 414, a longer field line 431; the connection closes.
         */
        public Builder maxLineBytes(int maxLineBytes) {
            options.maxLineBytes = Options.requireBetween("maxLineBytes", maxLineBytes, 64, 16 << 20);
            return this;
        }

        /**
         * Longest request head accepted, in bytes: 64 to 16 MiB. Default 65536. A longer one gets 431 and the connection closes.
         */
        public Builder maxHeaderBytes(int maxHeaderBytes) {
            options.maxHeaderBytes = Options.requireBetween("maxHeaderBytes", maxHeaderBytes, 64, 16 << 20);
            return this;
        }

        /** Most header fields accepted: 1 to 65536. Default 100. More get 431 and the connection closes. */
        public Builder maxHeaderCount(int maxHeaderCount) {
            options.maxHeaderCount = Options.requireBetween("maxHeaderCount", maxHeaderCount, 1, 65536);
            return this;
        }

        /**
         * Longest WebSocket message accepted, in bytes, its fragments together and after inflation: 1 to 2 147 483 639. Default 4
         * MiB. A longer one closes the WebSocket with 1009.
         */
        public Builder maxMessageBytes(int maxMessageBytes) {
            options.maxMessageBytes =
                    Options.requireBetween("maxMessageBytes", maxMessageBytes, 1, Integer.MAX_VALUE - 8);
            return this;
        }

        /**
         * Bytes that may wait on one channel for a client that does not keep up: 1 or more. Default 16 MiB. At or above it, {@link
         * WhenFull} decides about the next send; below it, any message is accepted, so that a large one can pass.
         */
        public Builder maxQueuedBytes(long maxQueuedBytes) {
            options.maxQueuedBytes = Options.requireBetween("maxQueuedBytes", maxQueuedBytes, 1, Long.MAX_VALUE);
            return this;
        }

        /**
         * Bytes that may wait on all connections together: 1 or more. Default a quarter of the largest heap. Above it, the
         * connection that is to blame most is closed with {@link CloseReason.Cause#SLOW_CONSUMER}: the longer its client has taken
         * nothing, and the more waits for it and for its address in all. A client that reads as quickly as it can is hardly ever
         * the one. For one address, an IPv4 address or an IPv6 /64, half of this may wait; above that the same happens among its
         * connections. {@link #trustedProxies} and Unix domain sockets have no such limit.
         */
        public Builder maxQueuedBytesTotal(long maxQueuedBytesTotal) {
            options.maxQueuedBytesTotal =
                    Options.requireBetween("maxQueuedBytesTotal", maxQueuedBytesTotal, 1, Long.MAX_VALUE);
            return this;
        }

        /**
         * Bytes of requests and messages that may be held for all clients together because they are not complete or cannot be used
         * yet, with what holding them takes besides: 1 or more. Default a quarter of the largest heap. Above it, those clients go
         * that have held most for longest and send slowly: with 503, or 1013 on a WebSocket, counted as {@link
         * CloseReason.Cause#OVERLOAD}, and {@link ServerObserver#inputShed} is called. A body that the handler was given counts to
         * the end of its exchange, but is not taken from it.
         *
         * <p>The only connection for which something is held is never ended for it: {@link #maxBodyBytes} and {@link
         * #maxMessageBytes} are its limits.
         */
        public Builder maxReceivedBytesTotal(long maxReceivedBytesTotal) {
            options.maxReceivedBytesTotal =
                    Options.requireBetween("maxReceivedBytesTotal", maxReceivedBytesTotal, 1, Long.MAX_VALUE);
            return this;
        }

        /**
         * The limit for one client, which is an IPv4 address or an IPv6 /64: 1 or more, or 0 for as many as {@link
         * #maxReceivedBytesTotal}. Default an eighth of the largest heap. Each connection that the client has open counts 1 KiB. Clients of {@link #trustedProxies} and of a Unix domain
         * socket have no limit of their own, as for {@link #maxConnectionsPerAddress}.
         */
        public Builder maxReceivedBytesPerAddress(long maxReceivedBytesPerAddress) {
            options.maxReceivedBytesPerAddress =
                    Options.requireBetween("maxReceivedBytesPerAddress", maxReceivedBytesPerAddress, 0, Long.MAX_VALUE);
            return this;
        }

        /**
         * Most connections open at once: 1 or more. Default 100 000. For a further one, the connection that has waited longest for its
         * next request is closed, if that is a second at least, counted as {@link CloseReason.Cause#CONNECTION_LIMIT}, and {@link
         * ServerObserver#connectionGivenUp} is called. If there is none, new ones wait unaccepted, and {@link
         * ServerObserver#connectionsExhausted} is called.
         */
        public Builder maxConnections(int maxConnections) {
            options.maxConnections = Options.requireBetween("maxConnections", maxConnections, 1, Integer.MAX_VALUE - 1);
            return this;
        }

        /**
         * Most connections open at once of one client, which is an IPv4 address or an IPv6 /64: 1 or more, or 0 for as many as
         * {@link #maxConnections}. Default 25 000, or what an eighth of the largest heap has room for, at 1792 bytes a connection, if
         * that is less: no client can take all connections, and a whole carrier's address translation has room. Few services need more than some hundreds. A further connection is closed at once, counted as
         * {@link CloseReason.Cause#ADDRESS_LIMIT}, and {@link ServerObserver#connectionRefused} is told.
         *
         * <p>Behind proxies, connections are counted, not those for whom they carry requests: name the proxies in {@link
         * #trustedProxies}, whose connections are not counted. With {@link #proxyProtocol} a connection counts for the client that
         * its header names, and until that has come, or if it names none, for the proxy. Connections of a Unix domain socket are
         * not counted.
         */
        public Builder maxConnectionsPerAddress(int maxConnectionsPerAddress) {
            options.maxConnectionsPerAddress = Options.requireBetween(
                    "maxConnectionsPerAddress", maxConnectionsPerAddress, 0, Integer.MAX_VALUE - 1);
            return this;
        }

        /**
         * Slowest body accepted, and slowest WebSocket message, in bytes per second on average from the first byte on, judged after five
         * seconds; 0 switches the check off. Default 240. A slower one gets 408, or 1008, and the connection closes. Having been quick at
         * first is good for half a minute at most. Until the first byte of a body has come, {@link #bodyTimeout} alone counts.
         */
        public Builder minBodyRate(int bytesPerSecond) {
            options.minBodyRate = Options.requireBetween("minBodyRate", bytesPerSecond, 0, Integer.MAX_VALUE);
            return this;
        }

        /**
         * How quickly a client has to take what waits for it, in bytes per second; 0 switches the check off. Default 2000. What a
         * slower one takes is worth less than the time it takes for it: once it is {@link #writeTimeout} behind, its connection
         * closes, as if it had taken nothing for that long. So one that takes half of the rate has twice the timeout. Having been
         * quick before is worth nothing, and time in which nothing waits for the client does not count.
         */
        public Builder minResponseRate(int bytesPerSecond) {
            options.minResponseRate = Options.requireBetween("minResponseRate", bytesPerSecond, 0, Integer.MAX_VALUE);
            return this;
        }

        /**
         * Speaks TLS, and nothing else, on this port; null, the default, speaks plain HTTP. While the server runs, {@link
         * HttpServer#reconfigure} can give it other certificates, or the same ones loaded anew: new handshakes have them, open connections
         * keep theirs.
         */
        public Builder tls(@Nullable Tls tls) {
            options.tls = tls;
            return this;
        }

        /**
         * How long a TLS handshake may take from the connection on, a PROXY protocol header included; zero is without end. Default 10 s.
         * Then the connection closes.
         */
        public Builder handshakeTimeout(Duration timeout) {
            options.handshakeTimeout = Options.requireNotNegative("handshakeTimeout", timeout);
            return this;
        }

        /**
         * How long a client may take for a request head: the first of a connection from the connection on, a PROXY protocol header
         * included, a later one from its first byte on; zero is without end. Default 10 s. Then 408 if anything has come, and the connection closes.
         */
        public Builder headerTimeout(Duration timeout) {
            options.headerTimeout = Options.requireNotNegative("headerTimeout", timeout);
            return this;
        }

        /**
         * How long a body may take to begin, and how long it may stall, or a WebSocket message that has begun; zero is without end.
         * Default 30 s. Then 408, or 1008, and the connection closes. Once it has begun, {@link #minBodyRate} counts as well.
         */
        public Builder bodyTimeout(Duration timeout) {
            options.bodyTimeout = Options.requireNotNegative("bodyTimeout", timeout);
            return this;
        }

        /** How long a connection may rest between requests; zero is without end. Default 75 s. Then it closes. */
        public Builder idleTimeout(Duration timeout) {
            options.idleTimeout = Options.requireNotNegative("idleTimeout", timeout);
            return this;
        }

        /**
         * How long a client may take nothing of what waits for it; zero is without end. Default 30 s. Then the connection closes. Who
         * takes less than {@link #minResponseRate} falls behind, and counts as one that takes nothing.
         */
        public Builder writeTimeout(Duration timeout) {
            options.writeTimeout = Options.requireNotNegative("writeTimeout", timeout);
            return this;
        }

        /**
         * How long the client may take to end a connection that we have ended; zero closes at once. Default 5 s. While the server
         * stops, a second at most.
         */
        public Builder closeTimeout(Duration timeout) {
            options.closeTimeout = Options.requireNotNegative("closeTimeout", timeout);
            return this;
        }

        /**
         * How long a WebSocket may be silent before it is sent a ping; zero is never. Default 30 s. After two pings without a sign
         * of life its connection counts as dead and is closed.
         */
        public Builder pingInterval(Duration interval) {
            options.pingInterval = Options.requireNotNegative("pingInterval", interval);
            return this;
        }

        /**
         * How many WebSockets and streams are told per second that the server stops: 0 to 1 000 000, 0 tells all at once. Default
         * 1000. Their clients connect again as soon as they are told, and a successor should not have to take them all in the same
         * moment. If that rate would take longer than half of the stop's timeout, it is faster: all are told by then.
         */
        public Builder drainRate(int perSecond) {
            options.drainRate = Options.requireBetween("drainRate", perSecond, 0, 1_000_000);
            return this;
        }

        /**
         * How long clients of event streams are told to wait before they connect again, when the server stops: each a random time
         * from half of this to one and a half of it, as the stream's last field ({@code retry}, WHATWG HTML section 9.2.6). They
         * keep to that for all reconnections until told otherwise. Default 3 s; zero tells them nothing.
         */
        public Builder drainRetry(Duration retry) {
            options.drainRetry = Options.requireNotNegative("drainRetry", retry);
            return this;
        }

        /** Stops the server when the JVM shuts down, and has that wait for running exchanges this long. Default: it does not. */
        public Builder stopOnShutdown(Duration timeout) {
            options.stopOnShutdown = Options.requireNotNegative("stopOnShutdown", timeout);
            return this;
        }

        /** The options as they are now; what is set later does not change them. */
        public ServerOptions options() {
            return options.copy();
        }

        /**
         * Binds and begins to serve.
         *
         * @throws IOException if the address cannot be bound; the message names it, and no thread is left behind
         * @throws IllegalStateException if no handler was set
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
