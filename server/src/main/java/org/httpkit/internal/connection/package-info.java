/**
 * The junction: the only room that knows both sockets and protocols. It feeds a codec with a link's bytes, runs exchanges and
 * writes their responses.
 */
@NullMarked
package org.httpkit.internal.connection;

import org.jspecify.annotations.NullMarked;
