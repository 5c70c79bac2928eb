/** Tools to test the server, and what is built on it, without time or chance. */
@NullMarked
package org.httpkit.testkit;

import org.jspecify.annotations.NullMarked;
