/** Bytes without meaning: ASCII tables, scans of eight bytes at a time, growing arrays. Depends on no other room. */
@NullMarked
package org.httpkit.internal.bytes;

import org.jspecify.annotations.NullMarked;
