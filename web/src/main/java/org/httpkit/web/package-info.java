/**
 * What applications want on top of the server, made of its public API alone: {@link org.httpkit.web.Routes} choose a handler by method
 * and path, {@link org.httpkit.web.Filter}s run around handlers.
 */
@NullMarked
package org.httpkit.web;

import org.jspecify.annotations.NullMarked;
