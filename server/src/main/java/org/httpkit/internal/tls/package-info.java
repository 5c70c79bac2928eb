/**
 * TLS (RFC 8446, RFC 5246) around a transport: the JDK's {@code SSLEngine} does the cryptography; this room drives it,
 * and adds the limits that it lacks. No HTTP, no threads.
 */
@NullMarked
package org.httpkit.internal.tls;

import org.jspecify.annotations.NullMarked;
