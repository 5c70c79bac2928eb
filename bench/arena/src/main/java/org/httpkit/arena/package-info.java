/** The entry for HttpArena, on the public API; the README beside the build file says what the rules ask for. */
@NullMarked
package org.httpkit.arena;

import org.jspecify.annotations.NullMarked;
