/** Bytes without meaning: ASCII tables, scans of eight bytes at a time, growing arrays. Knows nothing else of the project. */
@NullMarked
package org.httpkit.internal.bytes;

import org.jspecify.annotations.NullMarked;
