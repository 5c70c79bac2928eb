/**
 * HTTP/1.0 and HTTP/1.1 messages (RFC 9112) as pure machines: request bytes become steps, responses become bytes. No
 * sockets, threads, clocks or logging.
 */
@NullMarked
package org.httpkit.internal.http1;

import org.jspecify.annotations.NullMarked;
