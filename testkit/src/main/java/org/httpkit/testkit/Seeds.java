package org.httpkit.testkit;

import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.opentest4j.TestAbortedException;

/**
 * Supplies the seeds of tests with random input. When such a test fails, its failure names the seed and the command
 * that replays it: {@code -Dhttpkit.seed=N} makes N the only seed. JUnit finds this class automatically. For JVMs that
 * run one test at a time.
 */
public final class Seeds implements InvocationInterceptor {
    private static final String OPTION = "httpkit.seed";

    /** The seed that the running test has asked for last. */
    private static volatile @Nullable Long inUse;

    /** Only JUnit needs one. */
    public Seeds() {}

    /** Returns these seeds and a fresh one; or the one of the option alone. Each should go to {@link #random(long)}. */
    public static long[] of(long... fixed) {
        return chosen(Long.getLong(OPTION), fixed);
    }

    static long[] chosen(@Nullable Long given, long... fixed) {
        if (given != null) {
            return new long[] {given};
        }
        long[] seeds = Arrays.copyOf(fixed, fixed.length + 1);
        seeds[fixed.length] = ThreadLocalRandom.current().nextLong();
        return seeds;
    }

    /** Returns a fresh seed, or the one of the option, for the running test. */
    public static long fresh() {
        return use(of()[0]);
    }

    /** Returns a generator with a fresh seed, or the one of the option. */
    public static Random random() {
        return random(of()[0]);
    }

    /** Returns a generator with a seed, which is from now on the one that a failure names. */
    public static Random random(long seed) {
        return new Random(use(seed));
    }

    /** Makes a seed the one that a failure names. */
    public static long use(long seed) {
        inUse = seed;
        return seed;
    }

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        run(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        run(invocation, context);
    }

    @Override
    public void interceptDynamicTest(
            Invocation<@Nullable Void> invocation, DynamicTestInvocationContext test, ExtensionContext context)
            throws Throwable {
        run(invocation, context);
    }

    private static void run(Invocation<@Nullable Void> invocation, ExtensionContext context) throws Throwable {
        try {
            invocation.proceed();
        } catch (TestAbortedException e) {
            throw e;
        } catch (Throwable e) {
            Long seed = inUse;
            if (seed == null) {
                throw e;
            }
            String name = context.getRequiredTestClass().getSimpleName()
                    + context.getTestMethod()
                            .map(method -> "#" + method.getName())
                            .orElse("");
            throw named(e, seed, Path.of("").toAbsolutePath().getFileName(), name);
        } finally {
            inUse = null;
        }
    }

    /** Returns the failure of a test, with a message that says how to replay it. */
    static AssertionError named(Throwable failure, long seed, Path module, String test) {
        return new AssertionError(
                failure.getMessage() + "\nSeed " + seed + ". To replay it: mvn -o -q -Dquick -pl " + module
                        + " -am test '-Dtest=" + test + "' -Dsurefire.failIfNoSpecifiedTests=false -D" + OPTION + "="
                        + seed,
                failure);
    }
}
