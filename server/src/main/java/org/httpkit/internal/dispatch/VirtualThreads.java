package org.httpkit.internal.dispatch;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** The door to the virtual threads of JDK 21, from code that also runs on JDK 17. Immutable. */
public final class VirtualThreads {
    private static final boolean SUPPORTED = newBuilder() != null;

    private VirtualThreads() {}

    /** Whether this JVM has virtual threads: from JDK 21. */
    public static boolean isSupported() {
        return SUPPORTED;
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

    /** {@code Thread.ofVirtual().name(name).inheritInheritableThreadLocals(false).factory()}. */
    private static ThreadFactory factory(String name) {
        Object builder = newBuilder();
        if (builder == null) {
            throw new UnsupportedOperationException(
                    "Virtual threads need JDK 21 or later, this is " + Runtime.version());
        }
        try {
            Class<?> type = Class.forName("java.lang.Thread$Builder$OfVirtual");
            Object named = type.getMethod("name", String.class).invoke(builder, name);
            Object bare = type.getMethod("inheritInheritableThreadLocals", boolean.class)
                    .invoke(named, false);
            return (ThreadFactory) type.getMethod("factory").invoke(bare);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("A builder of virtual threads lacks a method", e);
        }
    }

    private static @Nullable Object newBuilder() {
        try {
            return Thread.class.getMethod("ofVirtual").invoke(null); // JDK 19 and 20 throw here unless previews are on
        } catch (ReflectiveOperationException noVirtualThreads) {
            return null;
        }
    }
}
