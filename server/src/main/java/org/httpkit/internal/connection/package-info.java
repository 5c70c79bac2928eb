/**
 * Runs connections: the only room that knows both sockets and versions of HTTP. It feeds a link's bytes to a codec,
 * begins exchanges, and writes their answers.
 */
@NullMarked
package org.httpkit.internal.connection;

import org.jspecify.annotations.NullMarked;
