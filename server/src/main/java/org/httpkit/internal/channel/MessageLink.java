package org.httpkit.internal.channel;

import org.httpkit.internal.net.Tunnel;

/** The WebSocket connection, as the channel's output sees it. */
public interface MessageLink {

    /** The tunnel that sends the frames. */
    Tunnel tunnel();

    /** Is called when the application wants to close (RFC 6455 section 7.1.2). Loop thread. */
    void closeRequested(int code, String reason);
}
