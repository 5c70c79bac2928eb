package org.httpkit.tests;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import org.httpkit.testkit.PlayedChannel;

/** Reads a {@link FaultyFile}. Its length is the one that the file had when it was opened. */
final class FaultyChannel extends PlayedChannel {
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
}
