package org.httpkit.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Takes connections in plain text and forwards them over TLS, so that clients without TLS can attack a server that
 * speaks nothing else. Forwards an end and a reset, too. Trusts any certificate.
 */
public final class TlsBridge {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int PIECE_BYTES = 16 * 1024;

    private TlsBridge() {}

    /** Bridges a free port, which it prints, to the given port, until the process ends. */
    public static void main(String... arguments) throws IOException, GeneralSecurityException {
        int port = Integer.parseInt(arguments[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Credulous()}, null);
        try (ServerSocket listener = new ServerSocket(0, 4096, InetAddress.getLoopbackAddress())) {
            System.out.println("bridge on http://127.0.0.1:" + listener.getLocalPort() + "/");
            while (true) {
                Socket client = listener.accept();
                start(() -> bridge(client, port, context));
            }
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "bridge");
        thread.setDaemon(true);
        thread.start();
    }

    private static void bridge(Socket client, int port, SSLContext context) {
        try (client) {
            client.setTcpNoDelay(true);
            RawClient server = RawClient.connect(port).secure(context).patience(PATIENCE);
            start(() -> toServer(client, server));
            OutputStream out = client.getOutputStream();
            byte[] piece = new byte[PIECE_BYTES];
            for (int count = server.read(piece); count >= 0; count = server.read(piece)) {
                out.write(piece, 0, count);
            }
            if (server.awaitEnd() == RawClient.End.RESET) {
                client.setSoLinger(true, 0);
            } else {
                client.shutdownOutput();
                client.getInputStream().transferTo(OutputStream.nullOutputStream());
            }
        } catch (IOException e) {
            // One side has gone: the other one sees the end.
        }
    }

    private static void toServer(Socket client, RawClient server) {
        try {
            InputStream in = client.getInputStream();
            byte[] piece = new byte[PIECE_BYTES];
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                server.send(piece, 0, count);
            }
            server.endOutput();
        } catch (IOException e) {
            try {
                server.reset();
            } catch (IOException gone) {
                // So be it.
            }
        }
    }

    /** Accepts every server. */
    private static final class Credulous implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
