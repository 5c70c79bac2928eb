/** Events of the JDK's Flight Recorder. The only room that knows {@code jdk.jfr}, which may be missing. */
@NullMarked
package org.httpkit.internal.recording;

import org.jspecify.annotations.NullMarked;
