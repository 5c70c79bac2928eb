package org.httpkit.internal.net;

import java.io.IOException;
import java.net.InetAddress;

/** Receives the events of the network room. Called on a loop thread; must not block. */
public interface NetObserver {

    /** A link is closed. */
    void closed(Link link);

    /** The system reported an error when a socket was closed. */
    void closeFailed(IOException cause);

    /** Accepting failed, mostly for lack of descriptors; the server tries again after a pause. */
    void acceptFailed(IOException cause);

    /** The limit of open connections is reached: new ones wait in the backlog until one closes. */
    void connectionsExhausted(int open);

    /** A client is at its limit of open connections: the server closed a new one. */
    void connectionRefused(InetAddress client);

    /** A bug of the server, or lack of memory, caused a failure on a loop. */
    void loopFailed(Throwable fault);
}
