/** The WebSocket protocol (RFC 6455) with permessage-deflate (RFC 7692), as pure machines: bytes in, values out, and back. */
@NullMarked
package org.httpkit.internal.websocket;

import org.jspecify.annotations.NullMarked;
