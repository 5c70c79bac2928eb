/** What threads may do to each other there, in tests for jcstress. */
@NullMarked
package org.httpkit.internal.net;

import org.jspecify.annotations.NullMarked;
