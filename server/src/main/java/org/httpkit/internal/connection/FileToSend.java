package org.httpkit.internal.connection;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A file that was opened to be sent. Immutable; who gets it closes the channel.
 *
 * @param length how long it was then
 */
record FileToSend(FileChannel channel, long length) {
    /** The longest name that file systems take. */
    private static final int MAX_NAME_BYTES = 255;

    /**
     * Opens a file.
     *
     * @return null if there is none: no such name, or no regular file of that name
     * @throws IOException if there is one that cannot be read, or that may be there: who is told that it is missing may keep that
     */
    static @Nullable FileToSend open(Path path) throws IOException {
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
            return new FileToSend(channel, channel.size());
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

    /** Clients make up such names, for which systems have no exception of their own: too long, or below what is no folder. */
    private static boolean cannotExist(Path path) {
        Path name = path.getFileName();
        if (name != null && name.toString().getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            return true;
        }
        Path folder = path.toAbsolutePath().getParent();
        try {
            return folder != null && !attributes(folder).isDirectory();
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            return folder != null && cannotExist(folder);
        }
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class);
    }
}
