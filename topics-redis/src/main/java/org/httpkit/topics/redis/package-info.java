/** Topics of several servers, by a stream of Redis. Begin at {@link org.httpkit.topics.redis.RedisBackplane#connect}. */
@NullMarked
package org.httpkit.topics.redis;

import org.jspecify.annotations.NullMarked;
