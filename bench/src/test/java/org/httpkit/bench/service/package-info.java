/** The service of {@code examples/service}, as somebody would write it with other servers: to compare the lines. */
@NullMarked
package org.httpkit.bench.service;

import org.jspecify.annotations.NullMarked;
