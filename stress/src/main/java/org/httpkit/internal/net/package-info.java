/** Tests of threads that meet in this package, for jcstress. */
@NullMarked
package org.httpkit.internal.net;

import org.jspecify.annotations.NullMarked;
