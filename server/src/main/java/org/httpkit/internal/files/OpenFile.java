package org.httpkit.internal.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
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
 * @param state what tells that state of it from others; null if the name led elsewhere, or the file changed, each time it was opened
 */
public record OpenFile(
        FileChannel channel, long length, @Nullable FileState state) {
    /** Up to this size a file is read rather than sent by the system. */
    private static final int SMALL_BYTES = 8 * 1024;

    /** How often a file is opened until it has not changed meanwhile. */
    private static final int ATTEMPTS = 3;

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
        FileState before = regular(path);
        for (int attempt = 1; before != null; attempt++) {
            FileChannel channel;
            try {
                channel = FileChannel.open(path, StandardOpenOption.READ);
            } catch (NoSuchFileException e) {
                return null; // deleted just now
            }
            try {
                long length = channel.size();
                FileState after = regular(path);
                if (before.equals(after) && length == before.length()) {
                    return new OpenFile(channel, length, before);
                }
                if (attempt == ATTEMPTS || after == null) {
                    return new OpenFile(channel, length, null);
                }
                before = after;
            } catch (Throwable e) {
                channel.close();
                throw e;
            }
            channel.close();
        }
        return null;
    }

    /** The state of a regular file; null if there is none. Looked at before it is opened: a pipe would be waited for. */
    private static @Nullable FileState regular(Path path) throws IOException {
        try {
            BasicFileAttributes attributes = attributes(path);
            return attributes.isRegularFile() ? FileState.of(attributes) : null;
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            if (cannotExist(path)) {
                return null;
            }
            throw e;
        }
    }

    /**
     * Clients make up such names, for which systems have no exception of their own: too long, below what is no folder, or by way of a
     * link that leads back to itself. Looks at a few of the folders above: however deep a name is, that takes no longer than a look at a
     * dozen files.
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
        return unreachable > 0
                && (bytesOf(whole.getName(unreachable - 1)) > MAX_NAME_BYTES
                        || leadsNowhere(root.resolve(whole.subpath(0, unreachable))));
    }

    /** Whether it is a link that can be read, and yet not be followed, though nobody forbids it. */
    private static boolean leadsNowhere(Path path) {
        try {
            if (!Files.isSymbolicLink(path)) {
                return false;
            }
            attributes(path);
            return false;
        } catch (FileSystemException e) {
            return e.getClass() == FileSystemException.class || e instanceof FileSystemLoopException;
        } catch (IOException e) {
            return false;
        }
    }

    private static int bytesOf(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    /** The entity tag, with its quotes; null if the file may have changed. */
    public @Nullable String tag() {
        return state == null ? null : state.tag();
    }

    /** When it was last changed, in seconds since 1970. */
    public long modifiedSecond() {
        return state == null ? 0 : state.modifiedSecond();
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
