/** Tests of the nouns. */
@NullMarked
package org.httpkit.http;

import org.jspecify.annotations.NullMarked;
