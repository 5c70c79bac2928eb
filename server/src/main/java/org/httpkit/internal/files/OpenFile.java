package org.httpkit.internal.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A file that was opened to be sent. Immutable; who gets it closes the channel.
 *
 * @param length how long it was then
 */
public record OpenFile(FileChannel channel, long length) {
    /** Up to this size a file is read rather than sent by the system. */
    private static final int SMALL_BYTES = 8 * 1024;

    /** The longest name that file systems take. */
    private static final int MAX_NAME_BYTES = 255;

    /** The longest path that Linux takes; others take less, or say that there is no such file. */
    private static final int MAX_PATH_BYTES = 4096;

    /**
     * Opens a file.
     *
     * @return null if there is none: no such name, or no regular file of that name
     * @throws IOException if there is one that cannot be read, or that may be there: who is told that it is missing may keep that
     */
    public static @Nullable OpenFile open(Path path) throws IOException {
        if (isMissing(path)) {
            return null;
        }
        FileChannel channel;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            return null; // deleted just now
        }
        try {
            return new OpenFile(channel, channel.size());
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    private static boolean isMissing(Path path) throws IOException {
        try {
            return !attributes(path).isRegularFile();
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            if (cannotExist(path)) {
                return true;
            }
            throw e;
        }
    }

    /**
     * Clients make up such names, for which systems have no exception of their own: too long, or below what is no folder. Looks at a
     * few of the folders above: however deep a name is, that takes no longer than a look at a dozen files.
     */
    private static boolean cannotExist(Path path) {
        Path whole = path.toAbsolutePath();
        Path root = whole.getRoot();
        if (root == null || bytesOf(whole) > MAX_PATH_BYTES) {
            return root != null;
        }
        int reachable = 0;
        int unreachable = whole.getNameCount();
        while (unreachable - reachable > 1) {
            int middle = (reachable + unreachable) >>> 1;
            try {
                if (!attributes(root.resolve(whole.subpath(0, middle))).isDirectory()) {
                    return true;
                }
                reachable = middle;
            } catch (NoSuchFileException e) {
                return true;
            } catch (IOException e) {
                unreachable = middle;
            }
        }
        return unreachable > 0 && bytesOf(whole.getName(unreachable - 1)) > MAX_NAME_BYTES;
    }

    private static int bytesOf(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    /** Whether its length is to be found out by reading: under {@code /proc} and {@code /sys} the system says 0 or 4096 of files of any. */
    public boolean isSmall() {
        return length <= SMALL_BYTES;
    }

    /** The content of a small file; null if it is longer than the system says. */
    public byte @Nullable [] contentAsTold() throws IOException {
        ByteBuffer content = ByteBuffer.allocate(length == 0 ? SMALL_BYTES : (int) length + 1);
        while (content.hasRemaining()) {
            if (channel.read(content, content.position()) < 0) {
                return Arrays.copyOf(content.array(), content.position());
            }
        }
        return null;
    }

    /** All that can be read, whatever the system says of the length. Closes the channel. */
    public InputStream content() {
        return new InputStream() {
            private long position;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] target, int offset, int count) throws IOException {
                int read = channel.read(ByteBuffer.wrap(target, offset, count), position);
                position += Math.max(0, read);
                return read;
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class);
    }
}
