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
 * A file opened to be sent. Immutable; its receiver closes the channel.
 *
 * @param length its length when it was opened, in bytes
 * @param state its state when it was opened; null if at each attempt the name led elsewhere or the file changed
 */
public record OpenFile(
        FileChannel channel, long length, @Nullable FileState state) {
    /** Files up to this size are read into memory; the system sends larger ones. */
    private static final int SMALL_BYTES = 8 * 1024;

    /** How often to open a file that changes while it is opened. */
    private static final int ATTEMPTS = 3;

    /** The longest name that file systems take. */
    private static final int MAX_NAME_BYTES = 255;

    /** The longest path that Linux takes; other systems take less, or report that there is no such file. */
    private static final int MAX_PATH_BYTES = 4096;

    /**
     * Opens a file.
     *
     * @return null if there is none: the name does not exist, or names no regular file
     * @throws IOException if the file exists, or may exist, but cannot be read: a client might cache the answer that it
     *     is missing
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

    /**
     * The state of a regular file; null if there is none. Checked before the file is opened, because opening a pipe
     * blocks.
     */
    private static @Nullable FileState regular(Path path) throws IOException {
        try {
            BasicFileAttributes attributes = attributes(path);
            return attributes.isRegularFile() ? FileState.of(path, attributes) : null;
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
     * Whether no file can have this name: it is too long, lies below something that is not a folder, or leads through a
     * link that loops. Clients make up such names, and systems have no specific exception for them. The check looks at
     * only a few of the folders above: however deep the name, it takes no longer than a look at a dozen files.
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

    /** Whether it is a link that can be read but not followed, for a reason other than missing permission. */
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

    /** When the file last changed, in seconds since 1970. */
    public long modifiedSecond() {
        return state == null ? 0 : state.modifiedSecond();
    }

    /**
     * Whether only reading it reveals its length: under {@code /proc} and {@code /sys} the system reports 0 or 4096 for
     * files of any length.
     */
    public boolean isSmall() {
        return length <= SMALL_BYTES;
    }

    /** The content of a small file; null if it is longer than the system reports. */
    public byte @Nullable [] contentAsTold() throws IOException {
        ByteBuffer content = ByteBuffer.allocate(length == 0 ? SMALL_BYTES : (int) length + 1);
        while (content.hasRemaining()) {
            if (channel.read(content, content.position()) < 0) {
                return Arrays.copyOf(content.array(), content.position());
            }
        }
        return null;
    }

    /** Everything that can be read, whatever length the system reports. Closing it closes the channel. */
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
