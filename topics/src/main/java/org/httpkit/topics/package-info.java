/**
 * Topics: a message published once reaches every channel that listens, over any protocol, and a client that lost its
 * connection comes back without a gap. Begin at {@link org.httpkit.topics.Topics#builder}.
 */
@NullMarked
package org.httpkit.topics;

import org.jspecify.annotations.NullMarked;
