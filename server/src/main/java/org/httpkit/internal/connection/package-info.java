/**
 * The life of a connection: the only room that knows both sockets and versions of HTTP. It feeds a codec with a link's bytes, begins
 * exchanges, and writes what they answer.
 */
@NullMarked
package org.httpkit.internal.connection;

import org.jspecify.annotations.NullMarked;
