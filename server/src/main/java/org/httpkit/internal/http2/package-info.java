/**
 * HTTP/2 (RFC 9113) as pure machines: a connection's bytes become frames and request heads, responses become bytes. No sockets,
 * threads, clocks or logging.
 */
@NullMarked
package org.httpkit.internal.http2;

import org.jspecify.annotations.NullMarked;
