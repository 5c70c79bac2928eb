package org.httpkit.internal.dispatch;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** The door to the virtual threads of JDK 21, from code that also runs on JDK 17. Immutable. */
public final class VirtualThreads {
    private static final @Nullable MethodHandle NAMED_FACTORY = findNamedFactory();

    private VirtualThreads() {}

    /** Whether this JVM has virtual threads: from JDK 21. */
    public static boolean isSupported() {
        return NAMED_FACTORY != null;
    }

    /**
     * A pool that never makes a task wait for another one: see {@link VirtualPool}.
     *
     * @param name of every thread; one for all, since a name for each costs 160 bytes
     * @throws UnsupportedOperationException if there are no virtual threads
     */
    public static ExecutorService newPool(String name) {
        return new VirtualPool(factory(name));
    }

    private static ThreadFactory factory(String name) {
        MethodHandle namedFactory = NAMED_FACTORY;
        if (namedFactory == null) {
            throw new UnsupportedOperationException(
                    "Virtual threads need JDK 21 or later, this is " + Runtime.version());
        }
        try {
            return (ThreadFactory) namedFactory.invoke(name);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e); // none of the methods behind the handle declares one
        }
    }

    /** {@code name -> Thread.ofVirtual().name(name).inheritInheritableThreadLocals(false).factory()}. */
    private static @Nullable MethodHandle findNamedFactory() {
        try {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            Class<?> builder = Class.forName("java.lang.Thread$Builder$OfVirtual");
            Object unnamed = lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(builder))
                    .invoke(); // JDK 19 and 20 throw here unless previews are on
            MethodHandle name = lookup.findVirtual(builder, "name", MethodType.methodType(builder, String.class))
                    .bindTo(unnamed);
            MethodHandle inherit = MethodHandles.insertArguments(
                    lookup.findVirtual(
                            builder, "inheritInheritableThreadLocals", MethodType.methodType(builder, boolean.class)),
                    1,
                    false);
            MethodHandle factory = lookup.findVirtual(builder, "factory", MethodType.methodType(ThreadFactory.class));
            return MethodHandles.filterReturnValue(MethodHandles.filterReturnValue(name, inherit), factory);
        } catch (Throwable noVirtualThreads) {
            return null;
        }
    }
}
