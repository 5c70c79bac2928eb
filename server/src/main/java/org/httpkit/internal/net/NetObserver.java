package org.httpkit.internal.net;

import java.io.IOException;
import java.net.InetAddress;

/** What the network room has to tell. Called on a loop thread; must not block. */
public interface NetObserver {

    /** A link is closed. */
    void closed(Link link);

    /** The system reported an error when a socket was closed. */
    void closeFailed(IOException cause);

    /** Accepting failed, mostly for want of descriptors; it is tried again after a pause. */
    void acceptFailed(IOException cause);

    /** As many connections are open as allowed: new ones wait in the backlog until one closes. */
    void connectionsExhausted(int open);

    /** A client has as many connections open as allowed: a new one was closed. */
    void connectionRefused(InetAddress client);

    /** Something went wrong on a loop that is nobody else's fault. */
    void loopFailed(Throwable fault);
}
