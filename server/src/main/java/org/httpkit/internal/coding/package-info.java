/**
 * Content codings (RFC 9110 section 8.4.1): which one a client takes, what is worth it, and gzip. Pure.
 */
@NullMarked
package org.httpkit.internal.coding;

import org.jspecify.annotations.NullMarked;
