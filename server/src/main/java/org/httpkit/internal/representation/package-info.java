/**
 * Validators, conditions and ranges: which state of a resource, and which part of it, a request asks for (RFC 9110
 * sections 8.8, 13 and 14). Pure.
 */
@NullMarked
package org.httpkit.internal.representation;

import org.jspecify.annotations.NullMarked;
