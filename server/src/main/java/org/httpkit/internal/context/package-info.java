/**
 * The parts that all connections of one server share: prepared options, counters, deadlines, and the placement of calls
 * of the application's code. It knows neither exchanges nor channels nor connections.
 */
@NullMarked
package org.httpkit.internal.context;

import org.jspecify.annotations.NullMarked;
