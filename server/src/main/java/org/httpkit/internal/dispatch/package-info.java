/** Runs handlers: pools of platform and virtual threads, and the order of one channel's tasks. */
@NullMarked
package org.httpkit.internal.dispatch;

import org.jspecify.annotations.NullMarked;
