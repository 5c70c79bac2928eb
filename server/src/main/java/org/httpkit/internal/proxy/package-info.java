/**
 * Who is behind a proxy: the PROXY protocol, versions 1 and 2, and the fields Forwarded (RFC 7239) and X-Forwarded-For, as pure
 * machines. No sockets, threads, clocks or logging; no name is looked up.
 */
@NullMarked
package org.httpkit.internal.proxy;

import org.jspecify.annotations.NullMarked;
