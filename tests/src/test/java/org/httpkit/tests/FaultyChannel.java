package org.httpkit.tests;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** Reads a {@link FaultyFile}. Its length is the one that the file had when it was opened. */
final class FaultyChannel extends FileChannel {
    private final FaultyFile file;
    private final FileChannel real;
    private final long size;

    FaultyChannel(FaultyFile file, FileChannel real) throws IOException {
        this.file = file;
        this.real = real;
        this.size = real.size();
    }

    @Override
    public long size() throws IOException {
        file.count(FaultyFile.Operation.SIZE);
        return size;
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long count) throws IOException {
        file.count(FaultyFile.Operation.MAP);
        return real.map(mode, position, count);
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
        file.count(FaultyFile.Operation.TRANSFER);
        return real.transferTo(position, count, target);
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
        file.count(FaultyFile.Operation.READ);
        return real.read(into, position);
    }

    @Override
    protected void implCloseChannel() throws IOException {
        file.closed();
        real.close();
    }

    // ---- what a server has no need of

    @Override
    public int read(ByteBuffer into) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer bytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer bytes, long position) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] bytes, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long position() {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel position(long position) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel truncate(long length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void force(boolean metadata) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long position, long length, boolean shared) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long position, long length, boolean shared) {
        throw new UnsupportedOperationException();
    }
}
