/** The tour, one file per idea, and the probe, the server that outside suites and measurements talk to. */
@NullMarked
package org.httpkit.examples;

import org.jspecify.annotations.NullMarked;
