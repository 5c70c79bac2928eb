/**
 * One request and its response, whichever version of HTTP they came by: what the handler is given, what becomes of what it returns.
 * It knows a stream ({@link HttpStream}), never a connection.
 */
@NullMarked
package org.httpkit.internal.exchange;

import org.jspecify.annotations.NullMarked;
