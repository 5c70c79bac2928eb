/** The content coding {@code zstd} (RFC 8878) for the server. */
@NullMarked
package org.httpkit.zstd;

import org.jspecify.annotations.NullMarked;
