/**
 * The heads of requests and their fields: one format for all versions of HTTP, and the rules that they share (RFC
 * 9110). No sockets, threads, clocks or logging.
 */
@NullMarked
package org.httpkit.internal.fields;

import org.jspecify.annotations.NullMarked;
