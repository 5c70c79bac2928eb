/** Simulates connections without sockets, threads or time: a seed chooses all events, and reproduces them. */
@NullMarked
package org.httpkit.testkit.simulation;

import org.jspecify.annotations.NullMarked;
