package org.httpkit.tests;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.httpkit.testkit.PlayedChannel;
import org.httpkit.testkit.PlayedFileSystem;

/** A disk that stalls now and then, whatever is asked of it, for longer than a loop may wait. Safe from any thread. */
final class StallingDisk {
    private static final int ONE_IN = 16;
    private static final long MOST_NANOS = 400_000_000;

    private StallingDisk() {}

    /** The file as it is on such a disk. */
    static Path path(Path real) {
        return PlayedFileSystem.path(real, new PlayedFileSystem.Disk() {
            @Override
            public BasicFileAttributes look() throws IOException {
                stall();
                return Files.readAttributes(real, BasicFileAttributes.class);
            }

            @Override
            public FileChannel open() throws IOException {
                stall();
                return new Channel(FileChannel.open(real));
            }
        });
    }

    /** As a disk does, it takes no notice of an interrupt. */
    private static void stall() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        if (random.nextInt(ONE_IN) > 0) {
            return;
        }
        boolean interrupted = false;
        long end = System.nanoTime() + random.nextLong(MOST_NANOS);
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class Channel extends PlayedChannel {
        private final FileChannel real;

        Channel(FileChannel real) {
            this.real = real;
        }

        @Override
        public long size() throws IOException {
            stall();
            return real.size();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long count) throws IOException {
            stall();
            return real.map(mode, position, count);
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
            stall();
            return real.transferTo(position, count, target);
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            stall();
            return real.read(into, position);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            stall();
            real.close();
        }
    }
}
