package org.httpkit.topics.nats;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The JVM's context of TLS, but its sockets take only a certificate that is of the host they connect to. Safe from any
 * thread.
 *
 * <p>Neither JSSE nor the client of NATS checks that by itself, and the client offers no other place to ask for it.
 */
final class HostCheck extends SSLContextSpi {
    private final SSLContext context;

    private HostCheck(SSLContext context) {
        this.context = context;
    }

    static SSLContext context() throws IOException {
        try {
            SSLContext usual = SSLContext.getDefault();
            return new SSLContext(new HostCheck(usual), usual.getProvider(), usual.getProtocol()) {};
        } catch (GeneralSecurityException e) {
            throw new IOException("The JVM has no TLS", e);
        }
    }

    private static Socket checking(Socket socket) {
        SSLSocket secure = (SSLSocket) socket;
        secure.setSSLParameters(checking(secure.getSSLParameters()));
        return secure;
    }

    private static SSLEngine checking(SSLEngine engine) {
        engine.setSSLParameters(checking(engine.getSSLParameters()));
        return engine;
    }

    private static SSLParameters checking(SSLParameters parameters) {
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // RFC 2818 section 3.1
        return parameters;
    }

    private static final class Sockets extends SSLSocketFactory {
        private final SSLSocketFactory usual;

        Sockets(SSLSocketFactory usual) {
            this.usual = usual;
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return usual.getDefaultCipherSuites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return usual.getSupportedCipherSuites();
        }

        @Override
        public Socket createSocket(Socket connected, String host, int port, boolean closes) throws IOException {
            return checking(usual.createSocket(connected, host, port, closes));
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return checking(usual.createSocket(host, port));
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
            return checking(usual.createSocket(host, port, local, localPort));
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return checking(usual.createSocket(host, port));
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
            return checking(usual.createSocket(host, port, local, localPort));
        }
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
        return new Sockets(context.getSocketFactory());
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
        return checking(context.createSSLEngine());
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
        return checking(context.createSSLEngine(host, port));
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
        throw new UnsupportedOperationException("It is for clients");
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
        return context.getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
        return context.getClientSessionContext();
    }

    @Override
    protected void engineInit(
            KeyManager @Nullable [] keys, TrustManager @Nullable [] trusted, @Nullable SecureRandom random) {
        throw new UnsupportedOperationException("It is initialized");
    }
}
