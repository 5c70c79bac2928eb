package org.httpkit.testkit;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;

/** A file's channel with the methods that a server needs: reads at positions, and transfers. */
public abstract class PlayedChannel extends FileChannel {
    protected PlayedChannel() {}

    // ---- what a server has no need of

    @Override
    public final int read(ByteBuffer into) {
        throw new UnsupportedOperationException();
    }

    @Override
    public final long read(ByteBuffer[] into, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public final int write(ByteBuffer bytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public final int write(ByteBuffer bytes, long position) {
        throw new UnsupportedOperationException();
    }

    @Override
    public final long write(ByteBuffer[] bytes, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public final long position() {
        throw new UnsupportedOperationException();
    }

    @Override
    public final FileChannel position(long position) {
        throw new UnsupportedOperationException();
    }

    @Override
    public final FileChannel truncate(long length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public final void force(boolean metadata) {
        throw new UnsupportedOperationException();
    }

    @Override
    public final long transferFrom(ReadableByteChannel source, long position, long count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public final FileLock lock(long position, long length, boolean shared) {
        throw new UnsupportedOperationException();
    }

    @Override
    public final FileLock tryLock(long position, long length, boolean shared) {
        throw new UnsupportedOperationException();
    }
}
