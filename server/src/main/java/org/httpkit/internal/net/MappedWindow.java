package org.httpkit.internal.net;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * A part of a file, mapped into memory, that can be unmapped at once instead of by the garbage collector: by an {@code
 * Arena} from JDK 22 on, by {@code sun.misc.Unsafe} before. Where neither works, the collector unmaps it.
 */
final class MappedWindow {
    /** Maps a part of a file; returns the bytes and the means to unmap them. */
    private interface Mapper {
        MappedWindow map(FileChannel file, long position, long length) throws IOException;
    }

    private static final Mapper MAPPER = bestMapper();

    private final ByteBuffer bytes;
    private final Runnable unmapper;

    private MappedWindow(ByteBuffer bytes, Runnable unmapper) {
        this.bytes = bytes;
        this.unmapper = unmapper;
    }

    /** @throws UnsupportedOperationException if the file system cannot map its files */
    static MappedWindow map(FileChannel file, long position, long length) throws IOException {
        return MAPPER.map(file, position, length);
    }

    ByteBuffer bytes() {
        return bytes;
    }

    /** Ends the mapping; the bytes must not be accessed afterwards. */
    void unmap() {
        unmapper.run();
    }

    private static Mapper bestMapper() {
        Mapper arenas = arenaMapper();
        if (arenas != null) {
            return arenas;
        }
        MethodHandle cleaner = bufferCleaner();
        return (file, position, length) -> {
            MappedByteBuffer mapped = file.map(FileChannel.MapMode.READ_ONLY, position, length);
            return new MappedWindow(mapped, () -> {
                if (cleaner != null) {
                    invoke(cleaner, mapped);
                }
            });
        };
    }

    private static @Nullable Mapper arenaMapper() {
        try {
            Class<?> arenaType = Class.forName("java.lang.foreign.Arena");
            Class<?> segmentType = Class.forName("java.lang.foreign.MemorySegment");
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            MethodHandle newArena = lookup.findStatic(arenaType, "ofShared", MethodType.methodType(arenaType));
            MethodHandle close = lookup.findVirtual(arenaType, "close", MethodType.methodType(void.class));
            MethodHandle map = lookup.findVirtual(
                    FileChannel.class,
                    "map",
                    MethodType.methodType(segmentType, FileChannel.MapMode.class, long.class, long.class, arenaType));
            MethodHandle asBuffer =
                    lookup.findVirtual(segmentType, "asByteBuffer", MethodType.methodType(ByteBuffer.class));
            return (file, position, length) -> {
                Object arena = invoke(newArena);
                try {
                    Object segment = map.invoke(file, FileChannel.MapMode.READ_ONLY, position, length, arena);
                    return new MappedWindow((ByteBuffer) asBuffer.invoke(segment), () -> invoke(close, arena));
                } catch (IOException | UnsupportedOperationException e) {
                    invoke(close, arena);
                    throw e;
                } catch (Throwable e) {
                    invoke(close, arena);
                    throw new IOException("Mapping failed", e);
                }
            };
        } catch (ReflectiveOperationException | LinkageError e) {
            return null; // a JDK before 22
        }
    }

    private static @Nullable MethodHandle bufferCleaner() {
        try {
            Class<?> unsafeType = Class.forName("sun.misc.Unsafe");
            Field instance = unsafeType.getDeclaredField("theUnsafe");
            instance.setAccessible(true);
            return MethodHandles.lookup()
                    .findVirtual(unsafeType, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
                    .bindTo(instance.get(null));
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null;
        }
    }

    private static Object invoke(MethodHandle handle, Object... arguments) {
        try {
            return handle.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(handle + " failed", e);
        }
    }
}
