/**
 * Tools for applications on top of the server, built on its public API alone: {@link org.httpkit.web.Routes} choose a
 * handler by method and path, {@link org.httpkit.web.Filter}s run around handlers, {@link org.httpkit.web.StaticFiles}
 * serve a folder, {@link org.httpkit.web.Multipart} reads forms with files.
 */
@NullMarked
package org.httpkit.web;

import org.jspecify.annotations.NullMarked;
