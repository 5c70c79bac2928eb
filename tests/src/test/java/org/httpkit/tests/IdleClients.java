package org.httpkit.tests;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.httpkit.testkit.RawHttp2;
import org.httpkit.testkit.RawWebSocket;

/** A program: opens connections, makes one exchange or handshake on each, and holds them until its input ends. */
final class IdleClients {
    private IdleClients() {}

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(arguments[0]);
        int connections = Integer.parseInt(arguments[1]);
        byte[] request =
                switch (arguments[2]) {
                    case "websocket" -> RawWebSocket.handshake("/").getBytes(StandardCharsets.ISO_8859_1);
                    case "http2" -> http2();
                    default -> ServerTest.get("/").getBytes(StandardCharsets.ISO_8859_1);
                };
        byte[] response = new byte[4096];
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            Socket socket = sockets(arguments[2]).createSocket(InetAddress.getLoopbackAddress(), port);
            socket.getOutputStream().write(request);
            int count = socket.getInputStream().read(response);
            while (arguments[2].equals("http2")
                    && count > 0
                    && !new String(response, 0, count, StandardCharsets.ISO_8859_1).contains("hello")) {
                count += socket.getInputStream().read(response, count, response.length - count);
            }
            if (count < 0) {
                throw new IOException("Connection " + i + " was closed");
            }
            sockets.add(socket);
        }
        System.out.println("ready");
        while (System.in.read() >= 0) {
            // Only the end of the input counts.
        }
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private static SocketFactory sockets(String kind) {
        return kind.equals("https") ? Trusting.CONTEXT.getSocketFactory() : SocketFactory.getDefault();
    }

    /** For clients that take any certificate. */
    private static final class Trusting implements X509TrustManager {
        static final SSLContext CONTEXT = context();

        private static SSLContext context() {
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, new TrustManager[] {new Trusting()}, null);
                return context;
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** A connection's beginning and a request, in the fields that browsers send. */
    private static byte[] http2() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(RawHttp2.PREFACE.getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(RawHttp2.frame(RawHttp2.SETTINGS, 0, 0));
        out.writeBytes(RawHttp2.frame(RawHttp2.SETTINGS, RawHttp2.ACK, 0));
        byte[] request = RawHttp2.request("GET", "/", "accept", "text/html", "user-agent", "test");
        out.writeBytes(RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, request));
        return out.toByteArray();
    }
}
