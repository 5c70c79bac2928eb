/** Tests of the WebSocket protocol machines; the frames and the steps they lead to are in {@code resources/websocket}. */
@NullMarked
package org.httpkit.internal.websocket;

import org.jspecify.annotations.NullMarked;
