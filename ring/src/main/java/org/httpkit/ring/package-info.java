/** What the Clojure namespaces need in Java; not for applications. */
@NullMarked
package org.httpkit.ring;

import org.jspecify.annotations.NullMarked;
