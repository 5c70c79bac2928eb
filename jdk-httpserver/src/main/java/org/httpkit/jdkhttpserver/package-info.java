/** A provider of {@code com.sun.net.httpserver} on the server's public API. */
@NullMarked
package org.httpkit.jdkhttpserver;

import org.jspecify.annotations.NullMarked;
