/** Tools to test the server, and programs built on it, independent of time and chance. */
@NullMarked
package org.httpkit.testkit;

import org.jspecify.annotations.NullMarked;
