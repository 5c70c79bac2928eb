/** Where handlers run: pools of platform and virtual threads, and the order of the tasks of one channel. */
@NullMarked
package org.httpkit.internal.dispatch;

import org.jspecify.annotations.NullMarked;
