package org.httpkit.tests;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.testkit.RawWebSocket;

/** A program of its own: opens connections, has one exchange on each, or a handshake, and holds them until its input ends. */
final class IdleClients {
    private IdleClients() {}

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(arguments[0]);
        int count = Integer.parseInt(arguments[1]);
        String asked = arguments[2].equals("websocket") ? RawWebSocket.handshake("/") : ServerTest.get("/");
        byte[] request = asked.getBytes(StandardCharsets.ISO_8859_1);
        byte[] response = new byte[4096];
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.getOutputStream().write(request);
            if (socket.getInputStream().read(response) < 0) {
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
}
