/**
 * Event loops and sockets: accepting, reading, writing, deadlines. This room moves bytes and does not know their
 * meaning; a {@link org.httpkit.internal.net.Protocol} does.
 */
@NullMarked
package org.httpkit.internal.net;

import org.jspecify.annotations.NullMarked;
