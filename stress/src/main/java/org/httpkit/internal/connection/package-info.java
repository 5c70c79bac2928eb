/** Tests of threads that meet in this package, for jcstress. */
@NullMarked
package org.httpkit.internal.connection;

import org.jspecify.annotations.NullMarked;
