package org.httpkit.server;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes options for people to read: each with its value, without those that are not set. Confined to one thread. */
final class OptionsText {
    private final StringBuilder text = new StringBuilder();

    private OptionsText() {}

    /**
     * Returns the text. It names the application's objects by class only, since their texts may contain anything, even
     * a secret.
     */
    static String of(ServerOptions options) {
        OptionsText text = new OptionsText();
        text.addAll(options);
        return text.text.toString();
    }

    private void addAll(ServerOptions options) {
        add("address", options.address());
        add("unixSocketPermissions", options.unixSocketPermissions());
        add("listenerFactory", options.listenerFactory());
        add("protocols", options.protocols());
        add("tls", options.tls());
        add("proxyProtocol", options.proxyProtocol());
        add("trustedProxies", options.trustedProxies());
        add("serverHeader", options.serverHeader());
        add("handler", options.handler());
        add("dispatch", options.dispatch());
        add("worker", options.worker());
        add("ownWorker", options.ownWorker());
        add("observer", options.observer());
        add("compression", options.compression());
        add("decompressRequests", options.decompressRequests());
        add("errorPages", options.errorPages());
        add("eventLoops", options.eventLoops());
        add("maxLineBytes", options.maxLineBytes());
        add("maxHeaderBytes", options.maxHeaderBytes());
        add("maxHeaderCount", options.maxHeaderCount());
        add("maxBodyBytes", options.maxBodyBytes());
        add("maxStreamedBodyBytes", options.maxStreamedBodyBytes());
        add("maxMessageBytes", options.maxMessageBytes());
        add("maxConnections", options.maxConnections());
        add("maxConnectionsPerAddress", options.maxConnectionsPerAddress());
        add("maxQueuedBytes", options.maxQueuedBytes());
        add("maxQueuedBytesTotal", options.maxQueuedBytesTotal());
        add("maxReceivedBytesTotal", options.maxReceivedBytesTotal());
        add("maxReceivedBytesPerAddress", options.maxReceivedBytesPerAddress());
        add("handshakeTimeout", options.handshakeTimeout());
        add("headerTimeout", options.headerTimeout());
        add("bodyTimeout", options.bodyTimeout());
        add("minBodyRate", options.minBodyRate());
        add("minResponseRate", options.minResponseRate());
        add("idleTimeout", options.idleTimeout());
        add("writeTimeout", options.writeTimeout());
        add("closeTimeout", options.closeTimeout());
        add("pingInterval", options.pingInterval());
        add("drainRate", options.drainRate());
        add("drainRetry", options.drainRetry());
        add("stopOnShutdown", options.stopOnShutdown());
    }

    private void add(String name, @Nullable Object value) {
        if (value != null) {
            text.append(text.length() == 0 ? "" : ", ").append(name).append('=').append(textOf(value));
        }
    }

    private static String textOf(Object value) {
        if (value instanceof Duration duration) {
            return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
        }
        if (value instanceof Collection<?> all) {
            return all.stream().map(Object::toString).sorted().collect(Collectors.joining(", ", "[", "]"));
        }
        boolean isOfTheApplication = value instanceof Handler
                || value instanceof ServerObserver
                || value instanceof ErrorPages
                || value instanceof ListenerFactory
                || value instanceof Executor
                || value instanceof Worker.Builder;
        return isOfTheApplication ? value.getClass().getName() : value.toString();
    }
}
