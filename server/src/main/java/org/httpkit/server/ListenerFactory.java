package org.httpkit.server;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;

/** Makes the socket that a server listens on: to set its options, or to bring one of another kind. */
@FunctionalInterface
public interface ListenerFactory {

    /**
     * Opens the socket. The server binds it, unless that has been done, and closes it when it stops.
     *
     * @param address what the server was told to listen on
     */
    ServerSocketChannel open(SocketAddress address) throws IOException;
}
