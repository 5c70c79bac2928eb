/**
 * Content codings (RFC 9110 section 8.4.1): which coding a client accepts, which content is worth compressing, and
 * gzip. Pure.
 */
@NullMarked
package org.httpkit.internal.coding;

import org.jspecify.annotations.NullMarked;
