/** The nouns of the HTTP and WebSocket standards, as immutable values: methods, statuses, versions, header fields, close codes. */
@NullMarked
package org.httpkit.http;

import org.jspecify.annotations.NullMarked;
