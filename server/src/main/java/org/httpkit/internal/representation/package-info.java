/**
 * What tells one state of a resource from another, and which part of it is asked for: validators, conditions and ranges (RFC 9110
 * sections 8.8, 13 and 14). Pure.
 */
@NullMarked
package org.httpkit.internal.representation;

import org.jspecify.annotations.NullMarked;
