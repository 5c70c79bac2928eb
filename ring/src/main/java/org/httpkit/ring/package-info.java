/** Java code for the Clojure namespaces; not for applications. */
@NullMarked
package org.httpkit.ring;

import org.jspecify.annotations.NullMarked;
