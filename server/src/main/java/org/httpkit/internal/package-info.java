/** The server that the public API stands for. */
@NullMarked
package org.httpkit.internal;

import org.jspecify.annotations.NullMarked;
