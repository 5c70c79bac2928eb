/**
 * Files that are answered: which may be opened, and what is known of them.
 */
@NullMarked
package org.httpkit.internal.files;

import org.jspecify.annotations.NullMarked;
