package org.httpkit.internal.connection;

import java.nio.ByteBuffer;
import org.httpkit.internal.net.Protocol;
import org.jspecify.annotations.Nullable;

/** A protocol to which a connection switches after a request (RFC 9110 section 7.8). The loop thread calls all methods. */
interface UpgradedProtocol extends Protocol {
    /** Takes over the link, with the input that came directly behind the request. */
    void begin(@Nullable ByteBuffer behindRequest);
}
