/** Topics of several servers, by a stream of NATS JetStream. Begin at {@link org.httpkit.topics.nats.NatsBackplane#connect}. */
@NullMarked
package org.httpkit.topics.nats;

import org.jspecify.annotations.NullMarked;
