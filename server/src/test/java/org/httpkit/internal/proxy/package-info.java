/** Tests of the PROXY protocol and of the forwarding fields. */
@NullMarked
package org.httpkit.internal.proxy;

import org.jspecify.annotations.NullMarked;
