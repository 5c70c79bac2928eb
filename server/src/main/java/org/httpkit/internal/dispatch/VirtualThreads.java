package org.httpkit.internal.dispatch;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandles;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;

/** Gives access to the virtual threads of JDK 21 in code that also runs on JDK 17. Immutable. */
public final class VirtualThreads {
    private static final int FIRST_VERSION = 21;

    private VirtualThreads() {}

    /** Whether this JVM has virtual threads: from JDK 21. */
    public static boolean isSupported() {
        return Runtime.version().feature() >= FIRST_VERSION;
    }

    /**
     * Makes a pool in which no task waits for another one: see {@link VirtualPool}.
     *
     * @param name name of every thread; all share it, because separate names take 160 bytes each
     * @throws UnsupportedOperationException if there are no virtual threads
     */
    public static ExecutorService newPool(String name) {
        if (!isSupported()) {
            throw new UnsupportedOperationException(
                    "Virtual threads need JDK 21 or later, this is " + Runtime.version());
        }
        return new VirtualPool(new NamedThreads(name));
    }

    /**
     * Makes the JVM load what the first virtual thread needs, which takes about twenty milliseconds.
     *
     * @throws LinkageError if there are no virtual threads
     */
    public static void load() {
        Unnamed.FACTORY.newThread(new Nothing()).start();
    }

    private static final class Nothing implements Runnable {
        @Override
        public void run() {}
    }

    /** Makes threads like {@code Thread.ofVirtual().name(name).inheritInheritableThreadLocals(false).factory()}. */
    private record NamedThreads(String name) implements ThreadFactory {
        @Override
        public Thread newThread(Runnable task) {
            Thread thread = Unnamed.FACTORY.newThread(task);
            thread.setName(name);
            return thread;
        }
    }

    /** Holds the JDK's factory, made for the first thread: a program that needs none does not wait for it. */
    private static final class Unnamed {
        static final ThreadFactory FACTORY = newFactory();

        /**
         * Uses method handles of types that need few adapters: Method.invoke would take three times as long here, tens
         * of milliseconds.
         */
        private static ThreadFactory newFactory() {
            try {
                MethodHandles.Lookup lookup = MethodHandles.publicLookup();
                Class<?> type = Class.forName("java.lang.Thread$Builder$OfVirtual");
                Object builder = (Object) lookup.findStatic(Thread.class, "ofVirtual", methodType(type))
                        .asType(methodType(Object.class))
                        .invokeExact();
                Object bare = (Object)
                        lookup.findVirtual(type, "inheritInheritableThreadLocals", methodType(type, boolean.class))
                                .asType(methodType(Object.class, Object.class, boolean.class))
                                .invokeExact(builder, false);
                return (ThreadFactory) lookup.findVirtual(type, "factory", methodType(ThreadFactory.class))
                        .asType(methodType(ThreadFactory.class, Object.class))
                        .invokeExact(bare);
            } catch (Throwable e) {
                throw new LinkageError("A builder of virtual threads lacks a method", e);
            }
        }
    }
}
