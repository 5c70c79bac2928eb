package org.httpkit.ring;

import clojure.lang.Delay;
import clojure.lang.IFn;
import clojure.lang.Keyword;
import clojure.lang.Named;
import clojure.lang.RT;
import java.io.File;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import org.httpkit.logger.ContextLogger;
import org.httpkit.logger.EventLogger;
import org.httpkit.logger.EventNames;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.ServerObserver;
import org.httpkit.server.WhenFull;
import org.jspecify.annotations.Nullable;

/**
 * Converts the map of options of {@code run-server} and {@code new-worker} to options of the Java API's builders.
 * Immutable, as the map is. A value that does not fit throws {@link IllegalArgumentException}, with the option's name
 * and its legal values.
 */
final class RingOptions {
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;
    private static final int LONGEST_LINE = 16 << 20;

    private static final Set<String> OF_THE_SERVER = Set.of(
            "ip",
            "port",
            "max-body",
            "max-ws",
            "max-line",
            "proxy-protocol",
            "worker-pool",
            "error-logger",
            "warn-logger",
            "event-logger",
            "event-names",
            "legacy-return-value?",
            "legacy-unsafe-remote-addr?",
            "legacy-content-length?",
            "server-header",
            "address-finder",
            "channel-factory",
            "ring-async?",
            "unix-socket-permissions",
            "allowed-origins",
            "error-pages",
            "close-on-failure?");
    /** Other servers' names of options, where likeness would not lead to ours. */
    private static final Map<String, String> ELSEWHERE = Map.of(
            "host", "ip",
            "hostname", "ip",
            "address", "ip",
            "async?", "ring-async?",
            "executor", "worker-pool",
            "thread-pool", "worker-pool");

    private final @Nullable Object map;

    RingOptions(@Nullable Object map) {
        this.map = map;
    }

    @Nullable
    Object get(String name) {
        return RT.get(map, Keyword.intern(null, name));
    }

    boolean has(String name) {
        return RT.booleanCast(RT.contains(map, Keyword.intern(null, name)));
    }

    /** Whether the option's value is true in Clojure's sense. */
    boolean isTrue(String name) {
        return RT.booleanCast(get(name));
    }

    boolean isFalse(String name) {
        return Boolean.FALSE.equals(get(name));
    }

    HeadLength headLength() {
        String option = "legacy-content-length?";
        return isFalse(option)
                ? HeadLength.OF_THE_HANDLER
                : isTrue(option) ? HeadLength.OF_THE_BODY : HeadLength.OF_EITHER;
    }

    static IllegalArgumentException mustBe(String option, @Nullable Object value, String what) {
        return new IllegalArgumentException(option + " is " + RT.printString(value) + "; it must be " + what);
    }

    /** A number, or null; programs that want no limit use the largest that they know. */
    @Nullable
    Long number(String name, long most) {
        Object value = get(name);
        if (value == null) {
            return null;
        }
        if (value instanceof Number number) {
            return Math.min(RT.longCast(number), most);
        }
        throw mustBe(":" + name, value, "a number");
    }

    // ---- the server

    /** Sets the builder's options, except the handler. Warns of unknown options. */
    void configure(HttpServer.Builder builder, RingObserver observer) {
        warnOfUnknown(observer);
        builder.maxQueuedBytes(Long.MAX_VALUE); // a single channel has no limit, only all together have
        Long maxBody = number("max-body", LARGEST_ARRAY);
        if (maxBody != null) {
            builder.maxBodyBytes(maxBody);
        }
        Long maxMessage = number("max-ws", LARGEST_ARRAY);
        if (maxMessage != null) {
            builder.maxMessageBytes(maxMessage.intValue());
        }
        Long maxLine = number("max-line", LONGEST_LINE);
        if (maxLine != null) {
            builder.maxLineBytes(maxLine.intValue());
        }
        builder.proxyProtocol(proxyProtocol());
        builder.serverHeader(serverHeader());
        setWorker(builder);
        for (String name : BuilderOptions.names()) {
            Object value = OF_THE_SERVER.contains(name) ? null : get(name);
            if (value != null) {
                BuilderOptions.set(builder, name, value);
            }
        }
        setAddress(builder);
        setObserver(builder, observer);
    }

    private void warnOfUnknown(RingObserver observer) {
        Set<String> known = new TreeSet<>(BuilderOptions.names());
        known.addAll(OF_THE_SERVER);
        known.addAll(WorkerOptions.NAMES);
        Iterator<?> keys = map instanceof Map<?, ?> options
                ? options.keySet().iterator()
                : Set.of().iterator();
        while (keys.hasNext()) {
            Object key = keys.next();
            String name = key instanceof Named named ? named.getName() : String.valueOf(key);
            if (!(key instanceof Keyword) || !known.contains(name)) {
                String nearest = ELSEWHERE.getOrDefault(name, BuilderOptions.nearest(name, known));
                observer.warn("run-server has no option " + RT.printString(key)
                        + (nearest.isEmpty() ? "" : "; the nearest that it has is :" + nearest));
            }
        }
    }

    private @Nullable String serverHeader() {
        Object header = has("server-header") ? get("server-header") : "http-kit";
        if (header == null || header instanceof String) {
            return (String) header;
        }
        throw mustBe(":server-header", header, "a string, or nil for none");
    }

    private ProxyProtocol proxyProtocol() {
        Object value = get("proxy-protocol");
        String name = value == null ? "disable" : value instanceof Keyword keyword ? keyword.getName() : "";
        return switch (name) {
            case "disable" -> ProxyProtocol.DISABLED;
            case "enable" -> ProxyProtocol.ENABLED;
            case "optional" -> ProxyProtocol.OPTIONAL;
            default -> throw mustBe(":proxy-protocol", value, "one of :disable, :enable, :optional");
        };
    }

    private void setWorker(HttpServer.Builder builder) {
        WorkerOptions worker = new WorkerOptions(this);
        Object pool = Delay.force(get("worker-pool"));
        if (pool instanceof Executor executor) {
            builder.worker(executor);
        } else if (pool != null) {
            throw mustBe(":worker-pool", pool, "an ExecutorService, or a delay of one");
        } else {
            builder.worker(worker.worker());
            if (!worker.areGiven()) {
                builder.dispatch(Dispatch.ADAPTIVE); // which setting a worker has changed
            }
        }
    }

    private void setAddress(HttpServer.Builder builder) {
        Object finder = get("address-finder");
        Object socket = get("unix-socket");
        if (finder != null) {
            builder.address((SocketAddress) ((IFn) finder).invoke());
        } else if (socket != null) {
            Object permissions = get("unix-socket-permissions");
            if (permissions != null) {
                builder.unixSocket(path(socket), permissions(permissions));
            }
        } else {
            Object ip = get("ip");
            Long port = number("port", Integer.MAX_VALUE);
            builder.address(ip == null ? "0.0.0.0" : ip.toString(), port == null ? 8090 : port.intValue());
        }
        Object factory = get("channel-factory");
        if (factory != null) {
            builder.listener(address -> (ServerSocketChannel) ((IFn) factory).invoke(address));
        }
    }

    private static Path path(Object value) {
        return value instanceof Path path
                ? path
                : value instanceof File file ? file.toPath() : Path.of(value.toString());
    }

    private static Set<PosixFilePermission> permissions(Object value) {
        if (value instanceof String text) {
            return PosixFilePermissions.fromString(text);
        }
        Set<PosixFilePermission> permissions = new HashSet<>();
        for (Iterator<?> each = RT.iter(value); each.hasNext(); ) {
            permissions.add((PosixFilePermission) each.next());
        }
        return permissions;
    }

    /** The origins whose pages may open WebSockets, from {@code :allowed-origins} here and in {@code as-channel}. */
    static ChannelOptions origins(@Nullable Object allowed) {
        if (allowed == null) {
            return ChannelOptions.DEFAULT;
        }
        if (allowed instanceof Keyword keyword && keyword.getName().equals("any")) {
            return ChannelOptions.DEFAULT.anyOrigin();
        }
        if (allowed instanceof String one) {
            return ChannelOptions.DEFAULT.allowedOrigins(one);
        }
        Set<String> several = new HashSet<>();
        for (Iterator<?> each = RT.iter(allowed); each.hasNext(); ) {
            several.add((String) each.next());
        }
        return ChannelOptions.DEFAULT.allowedOrigins(several.toArray(new String[0]));
    }

    ChannelOptions origins() {
        return origins(get("allowed-origins"));
    }

    /** The outcome of a {@code send!} when too much waits. */
    static WhenFull whenFull(Object value) {
        return switch (value instanceof Keyword keyword ? keyword.getName() : "") {
            case "close" -> WhenFull.CLOSE;
            case "reject" -> WhenFull.REJECT;
            case "block" -> WhenFull.BLOCK;
            default -> throw mustBe(":when-full", value, "one of :close, :reject, :block");
        };
    }

    // ---- loggers

    /** Makes an observer for the loggers among the options. */
    RingObserver observer() {
        return new RingObserver(
                logger("error-logger"),
                logger("warn-logger"),
                eventLogger(get("event-logger")),
                eventNames(get("event-names")));
    }

    private void setObserver(HttpServer.Builder builder, RingObserver told) {
        if (get("error-logger") == null && get("warn-logger") == null && get("event-logger") == null) {
            return;
        }
        builder.observer(get("observer") instanceof ServerObserver other ? ServerObserver.all(told, other) : told);
    }

    @SuppressWarnings("unchecked") // the types of what a logger takes are not known at run time
    private @Nullable ContextLogger<String, Throwable> logger(String name) {
        Object logger = get(name);
        if (logger == null || logger instanceof ContextLogger) {
            return (ContextLogger<String, Throwable>) logger;
        }
        if (logger instanceof IFn function) {
            return function::invoke;
        }
        throw mustBe(":" + name, logger, "a function of message and exception");
    }

    @SuppressWarnings("unchecked")
    private static EventLogger<String> eventLogger(@Nullable Object logger) {
        if (logger == null) {
            return EventLogger.NOP;
        }
        if (logger instanceof EventLogger) {
            return (EventLogger<String>) logger;
        }
        if (logger instanceof IFn function) {
            return function::invoke;
        }
        throw mustBe(":event-logger", logger, "a function of an event's name");
    }

    private static EventNames eventNames(@Nullable Object names) {
        if (names == null) {
            return EventNames.DEFAULT;
        }
        if (names instanceof EventNames given) {
            return given;
        }
        if (!(names instanceof Map<?, ?> map)) {
            throw mustBe(":event-names", names, "a map or EventNames");
        }
        Map<String, String> byText = new HashMap<>();
        map.forEach((event, name) -> byText.put(text(event), text(name)));
        return new EventNames(byText);
    }

    private static String text(Object value) {
        return value instanceof Named named ? named.getName() : String.valueOf(value);
    }
}
