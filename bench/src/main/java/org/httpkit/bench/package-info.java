/**
 * Benchmarks of the server's parts, beside comparable parts of others. Run them by
 * {@code mvn -pl server,bench package -DskipTests -Dmaven.javadoc.skip && java -jar bench/target/httpkit-bench.jar -prof gc}.
 */
@NullMarked
package org.httpkit.bench;

import org.jspecify.annotations.NullMarked;
