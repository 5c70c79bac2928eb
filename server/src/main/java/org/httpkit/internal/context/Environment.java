package org.httpkit.internal.context;

import java.io.FileInputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.httpkit.internal.bytes.Ascii;
import org.httpkit.internal.dispatch.Forecast;
import org.httpkit.server.Dispatch;
import org.httpkit.server.ServerOptions;
import org.jspecify.annotations.Nullable;

/**
 * What decides how a server behaves besides its options and its clients: a simulation replaces all of it, so that it
 * repeats itself.
 *
 * @param forecast which calls are made on the loops; null if none
 * @param handshakes the threads for the long tasks of TLS handshakes
 * @param bodyLocks makes the locks by which readers of streamed bodies wait
 * @param clock the time of day
 * @param random the calling thread's source of numbers that need not be unguessable
 * @param seed an unguessable number, which makes knowledge about the kinds of requests useless elsewhere
 */
public record Environment(
        @Nullable Forecast forecast,
        HandshakeThreads handshakes,
        Supplier<Lock> bodyLocks,
        InstantSource clock,
        Supplier<RandomGenerator> random,
        int seed) {

    /** The environment of a server that is not simulated. */
    static Environment real(ServerOptions options) {
        return new Environment(
                options.dispatch() == Dispatch.ADAPTIVE ? new Forecast() : null,
                new HandshakeThreads(),
                Real.LOCKS,
                InstantSource.system(),
                Real.RANDOM,
                unguessable());
    }

    /** What the JDK has. No lambdas: the first one of a JVM takes longer than the rest of a start. */
    private static final class Real {
        static final Supplier<Lock> LOCKS = new Supplier<>() {
            @Override
            public Lock get() {
                return new ReentrantLock();
            }
        };
        static final Supplier<RandomGenerator> RANDOM = new Supplier<>() {
            @Override
            public RandomGenerator get() {
                return ThreadLocalRandom.current();
            }
        };
    }

    /**
     * Returns a random number as SecureRandom would, directly from the system if possible: loading that class takes 50
     * milliseconds.
     */
    private static int unguessable() {
        byte[] bytes = new byte[Integer.BYTES];
        try (FileInputStream random = new FileInputStream("/dev/urandom")) {
            if (random.read(bytes) == bytes.length) {
                return Ascii.intAt(bytes, 0);
            }
        } catch (IOException e) {
            // There is no such file, so that class has to do.
        }
        return new SecureRandom().nextInt();
    }
}
