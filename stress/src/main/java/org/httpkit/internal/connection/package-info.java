/** What threads may do to each other there, in tests for jcstress. */
@NullMarked
package org.httpkit.internal.connection;

import org.jspecify.annotations.NullMarked;
