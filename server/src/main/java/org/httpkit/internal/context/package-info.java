/**
 * What the connections of one server share: its options made ready for use, what is counted, until when each thing is waited for, and
 * where calls of the application's code run. It knows neither exchanges nor channels nor connections.
 */
@NullMarked
package org.httpkit.internal.context;

import org.jspecify.annotations.NullMarked;
