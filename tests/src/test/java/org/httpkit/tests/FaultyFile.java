package org.httpkit.tests;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.httpkit.testkit.PlayedFileSystem;

/** A real file on a disk that fails at what a test says. Safe from any thread. */
final class FaultyFile {
    /** What can fail, in the order in which the server does it; the last is done only to find out whose fault a failure was. */
    enum Operation {
        LOOK,
        OPEN,
        SIZE,
        MAP,
        TRANSFER,
        READ
    }

    private record Fault(int times, IOException failure) {}

    private record Stall(int times, CountDownLatch end) {}

    private final Path real;
    private final Path path;
    private final Map<Operation, Fault> faults = new ConcurrentHashMap<>();
    private final Map<Operation, Stall> stalls = new ConcurrentHashMap<>();
    private final CountDownLatch stalled = new CountDownLatch(1);
    private final Map<Operation, AtomicInteger> counts = new ConcurrentHashMap<>();
    private final AtomicInteger opened = new AtomicInteger();

    FaultyFile(Path real) {
        this.real = real;
        this.path = PlayedFileSystem.path(real, new PlayedFileSystem.Disk() {
            @Override
            public BasicFileAttributes look() throws IOException {
                count(Operation.LOOK);
                return Files.readAttributes(real, BasicFileAttributes.class);
            }

            @Override
            public FileChannel open() throws IOException {
                return FaultyFile.this.open();
            }
        });
    }

    /** Has an operation fail from now on, once it has succeeded so many times. */
    FaultyFile failing(Operation operation, int times, IOException failure) {
        counts.remove(operation);
        faults.put(operation, new Fault(times, failure));
        return this;
    }

    /** Has an operation stall from now on, once it has succeeded so many times, until the latch opens. */
    FaultyFile stalling(Operation operation, int times, CountDownLatch end) {
        counts.remove(operation);
        stalls.put(operation, new Stall(times, end));
        return this;
    }

    /** Opens when a thread waits for a disk that stalls. */
    CountDownLatch stalled() {
        return stalled;
    }

    /** What a handler gives. */
    Path path() {
        return path;
    }

    Path real() {
        return real;
    }

    /** How many channels are open. */
    int openChannels() {
        return opened.get();
    }

    void count(Operation operation) throws IOException {
        int before =
                counts.computeIfAbsent(operation, key -> new AtomicInteger()).getAndIncrement();
        Fault fault = faults.get(operation);
        if (fault != null && before >= fault.times()) {
            throw fault.failure();
        }
        Stall stall = stalls.get(operation);
        if (stall != null && before >= stall.times()) {
            stalled.countDown();
            awaitEndOf(stall);
        }
    }

    /** As a disk does, it takes no notice of an interrupt. */
    private static void awaitEndOf(Stall stall) {
        boolean interrupted = false;
        while (stall.end().getCount() > 0) {
            try {
                stall.end().await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    FileChannel open() throws IOException {
        count(Operation.OPEN);
        opened.incrementAndGet();
        return new FaultyChannel(this, FileChannel.open(real));
    }

    void closed() {
        opened.decrementAndGet();
    }
}
