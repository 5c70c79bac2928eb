/** Files sent as responses: which may be opened, and what is known about them. */
@NullMarked
package org.httpkit.internal.files;

import org.jspecify.annotations.NullMarked;
