/**
 * The channel of an exchange. It sends what the application gives it at any time, as one response or as WebSocket
 * messages, and calls the application's listener. It knows an output ({@link ChannelOutput}), never a socket.
 */
@NullMarked
package org.httpkit.internal.channel;

import org.jspecify.annotations.NullMarked;
