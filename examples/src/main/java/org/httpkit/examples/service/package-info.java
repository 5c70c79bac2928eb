/** A small service of one's own, as somebody would write it with httpkit-web. */
@NullMarked
package org.httpkit.examples.service;

import org.jspecify.annotations.NullMarked;
