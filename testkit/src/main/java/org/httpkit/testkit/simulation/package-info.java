/** Connections without sockets, threads or time: all that happens is chosen by a seed, and happens again with the same one. */
@NullMarked
package org.httpkit.testkit.simulation;

import org.jspecify.annotations.NullMarked;
