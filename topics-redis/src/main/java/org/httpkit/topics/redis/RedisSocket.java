package org.httpkit.topics.redis;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.util.JedisURIHelper;

/**
 * Makes a session's connection: with TLS, only to the host that the certificate is of, which Jedis does not check. The
 * session's, except for {@link #cut}.
 */
final class RedisSocket implements JedisSocketFactory {
    private static final int USUAL_PORT = 6379;

    private final HostAndPort place;
    private final boolean isSecure;
    private final JedisSocketFactory plain;

    // Written by the session's thread, read by any.
    private volatile @Nullable Socket connection;

    /** @param config without TLS, which comes on top */
    RedisSocket(URI uri, JedisClientConfig config) {
        this.place = new HostAndPort(uri.getHost(), uri.getPort() < 0 ? USUAL_PORT : uri.getPort());
        this.isSecure = JedisURIHelper.isRedisSSLScheme(uri);
        this.plain = new DefaultJedisSocketFactory(place, config);
    }

    @Override
    public Socket createSocket() {
        Socket connected = plain.createSocket();
        connection = connected;
        return isSecure ? secure(connected) : connected;
    }

    private Socket secure(Socket connected) {
        try {
            SSLSocket secure = (SSLSocket) SSLContext.getDefault()
                    .getSocketFactory()
                    .createSocket(connected, place.getHost(), place.getPort(), true);
            SSLParameters parameters = secure.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS"); // RFC 2818 section 3.1
            secure.setSSLParameters(parameters);
            return secure;
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new JedisConnectionException("TLS is impossible", e);
        }
    }

    /**
     * Ends the connection, and with it whatever the session waits for. Never waits, as closing a session or a socket
     * with TLS does while Redis takes nothing. Safe from any thread.
     */
    void cut() {
        Socket known = connection;
        if (known != null) {
            try {
                known.close();
            } catch (IOException ignored) {
                // It was broken already.
            }
        }
    }
}
