package org.httpkit.jdkhttpserver;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import java.net.InetSocketAddress;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.httpkit.http.HttpVersion;
import org.httpkit.server.ClientAuth;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Tls;
import org.jspecify.annotations.Nullable;

/**
 * Takes TLS settings from an {@link HttpsConfigurator} for our server, once, when the server starts. Confined to one
 * thread.
 */
final class TlsSettings extends HttpsParameters {
    private final HttpsConfigurator configurator;
    private @Nullable SSLParameters parameters;

    private TlsSettings(HttpsConfigurator configurator) {
        this.configurator = configurator;
    }

    /** Makes the server speak TLS; without a configurator, with the JDK's default context. */
    static void configure(HttpServer.Builder builder, @Nullable HttpsConfigurator given) {
        HttpsConfigurator configurator = given == null ? new HttpsConfigurator(defaultContext()) : given;
        TlsSettings settings = new TlsSettings(configurator);
        configurator.configure(settings);
        builder.tls(settings.tls());
        if (settings.refusesHttp2()) {
            builder.protocols(HttpVersion.HTTP_1_1);
        }
    }

    private static SSLContext defaultContext() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This JDK has no default SSLContext, and no HttpsConfigurator was set", e);
        }
    }

    private Tls tls() {
        SSLParameters given = parameters;
        String[] protocols = given == null ? getProtocols() : given.getProtocols();
        String[] suites = given == null ? getCipherSuites() : given.getCipherSuites();
        boolean needs = given == null ? getNeedClientAuth() : given.getNeedClientAuth();
        boolean wants = given == null ? getWantClientAuth() : given.getWantClientAuth();
        Tls tls = Tls.context(configurator.getSSLContext())
                .clientAuth(needs ? ClientAuth.REQUIRED : wants ? ClientAuth.OPTIONAL : ClientAuth.NONE);
        if (protocols != null && protocols.length > 0) {
            tls = tls.protocols(protocols);
        }
        return suites == null || suites.length == 0 ? tls : tls.cipherSuites(suites);
    }

    /** Whether the configurator names protocols for ALPN without HTTP/2. */
    private boolean refusesHttp2() {
        String[] named = parameters == null ? new String[0] : parameters.getApplicationProtocols();
        return named.length > 0 && !Arrays.asList(named).contains("h2");
    }

    @Override
    public HttpsConfigurator getHttpsConfigurator() {
        return configurator;
    }

    /** A placeholder: the parameters are for all clients. */
    @Override
    public InetSocketAddress getClientAddress() {
        return new InetSocketAddress(0);
    }

    @Override
    public void setSSLParameters(@Nullable SSLParameters given) {
        if (given != null) {
            parameters = given;
        }
    }
}
