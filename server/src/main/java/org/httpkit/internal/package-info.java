/** The server behind the public API. */
@NullMarked
package org.httpkit.internal;

import org.jspecify.annotations.NullMarked;
