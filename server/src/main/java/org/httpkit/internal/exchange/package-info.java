/**
 * One request and its response, in any version of HTTP: what the handler receives, and what happens to its result. It
 * knows a stream ({@link HttpStream}), never a connection.
 */
@NullMarked
package org.httpkit.internal.exchange;

import org.jspecify.annotations.NullMarked;
