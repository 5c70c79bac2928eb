/** Tests of the HTTP/2 protocol machines; the frames and what comes of them are in {@code resources/http2}. */
@NullMarked
package org.httpkit.internal.http2;

import org.jspecify.annotations.NullMarked;
