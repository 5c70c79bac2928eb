/**
 * An event-driven HTTP server: a {@link org.httpkit.server.Handler} maps a {@link org.httpkit.server.Request} to a {@link
 * org.httpkit.server.Response}. Begin at {@link org.httpkit.server.HttpServer#start}.
 */
@NullMarked
package org.httpkit.server;

import org.jspecify.annotations.NullMarked;
