/**
 * Finds the client behind a proxy: the PROXY protocol, versions 1 and 2, and the fields Forwarded (RFC 7239) and
 * X-Forwarded-For, as pure machines. No sockets, threads, clocks, logging or name lookups.
 */
@NullMarked
package org.httpkit.internal.proxy;

import org.jspecify.annotations.NullMarked;
