package org.httpkit.jdkhttpserver;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import com.sun.net.httpserver.spi.HttpServerProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes servers for programs written for {@code com.sun.net.httpserver}. Immutable; safe from any thread.
 *
 * <p>{@link HttpServer#create} finds it when it is on the class path or the module path, or through the system property
 * {@code com.sun.net.httpserver.HttpServerProvider}. A program that wants options beyond the JDK's API makes a provider
 * itself:
 *
 * <pre>{@code
 * HttpServer server = new HttpKitProvider(options -> options.observer(AccessLog.common(System.out)))
 *         .createHttpServer(new InetSocketAddress(8080), 0);
 * }</pre>
 *
 * <p>Handlers write their bodies themselves, so the server compresses none, whatever the options say.
 */
public final class HttpKitProvider extends HttpServerProvider {
    private final Consumer<org.httpkit.server.HttpServer.Builder> options;

    /** Makes a provider with the options of the system properties {@code sun.net.httpserver.*}. */
    public HttpKitProvider() {
        this(builder -> {});
    }

    /**
     * Makes a provider of servers with these options.
     *
     * @param options called by each {@link HttpServer#start} with a builder that has the options of the system
     *     properties, in the thread that starts the server. Its handler, address and TLS do not count, nor does its
     *     worker if {@link HttpServer#setExecutor} sets an executor: the JDK's API sets these. Handlers cannot run with
     *     {@link org.httpkit.server.Dispatch#INLINE}
     */
    public HttpKitProvider(Consumer<org.httpkit.server.HttpServer.Builder> options) {
        this.options = Objects.requireNonNull(options, "options");
    }

    /**
     * Makes a server for HTTP.
     *
     * @param address the address to listen on, at once; null if {@link HttpServer#bind} will set it
     * @param backlog how many connections may wait to be accepted; 0 or less for the system's default
     * @throws IOException if the address cannot be bound
     */
    @Override
    public HttpServer createHttpServer(@Nullable InetSocketAddress address, int backlog) throws IOException {
        PlainServer server = new PlainServer(options);
        if (address != null) {
            server.bind(address, backlog);
        }
        return server;
    }

    /** Makes a server for HTTPS; otherwise as {@link #createHttpServer}. */
    @Override
    public HttpsServer createHttpsServer(@Nullable InetSocketAddress address, int backlog) throws IOException {
        SecureServer server = new SecureServer(options);
        if (address != null) {
            server.bind(address, backlog);
        }
        return server;
    }
}
