/** The tour: one file per idea. */
@NullMarked
package org.httpkit.examples;

import org.jspecify.annotations.NullMarked;
