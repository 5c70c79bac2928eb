/** The content coding {@code br} (RFC 7932) for the server. */
@NullMarked
package org.httpkit.brotli;

import org.jspecify.annotations.NullMarked;
