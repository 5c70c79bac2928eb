/** Requests as spans of OpenTelemetry, by {@link org.httpkit.tracing.RequestTracing}. */
@NullMarked
package org.httpkit.tracing;

import org.jspecify.annotations.NullMarked;
