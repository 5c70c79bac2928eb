/**
 * A server's figures as meters of Micrometer. {@link org.httpkit.metrics.ServerMetrics} has the server's counts, {@link
 * org.httpkit.metrics.RequestMetrics} the durations of requests.
 */
@NullMarked
package org.httpkit.metrics;

import org.jspecify.annotations.NullMarked;
