/**
 * A server's figures as meters of Micrometer. {@link org.httpkit.metrics.ServerMetrics} has what the server counts, {@link
 * org.httpkit.metrics.RequestMetrics} how long requests take.
 */
@NullMarked
package org.httpkit.metrics;

import org.jspecify.annotations.NullMarked;
