/**
 * The channel of an exchange: what the application sends at any time, as one response or as WebSocket messages, and the calls to its
 * listener. It knows an output ({@link ChannelOutput}), never a socket.
 */
@NullMarked
package org.httpkit.internal.channel;

import org.jspecify.annotations.NullMarked;
