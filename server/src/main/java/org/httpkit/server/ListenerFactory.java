package org.httpkit.server;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;

/** Makes the socket that a server listens on, to set its options or to supply one of another kind. */
@FunctionalInterface
public interface ListenerFactory {

    /**
     * Opens the socket. The server binds it if it is not bound, and closes it when it stops.
     *
     * @param address the address in the server's options
     */
    ServerSocketChannel open(SocketAddress address) throws IOException;
}
