package org.httpkit.internal.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a file and of its current state. Immutable.
 *
 * @param modified when the file last changed, as finely as the file system records it
 * @param key the file system's identifier of the file, which does not depend on its name; the checksum of a file in an
 *     archive, where many files may have one time; null if there is neither
 */
record FileState(FileTime modified, long length, @Nullable Object key) {

    static FileState of(Path path, BasicFileAttributes attributes) throws IOException {
        Object key = attributes.fileKey();
        if (key == null && path.getFileSystem().supportedFileAttributeViews().contains("zip")) {
            key = Files.getAttribute(path, "zip:crc");
        }
        return new FileState(attributes.lastModifiedTime(), attributes.size(), key);
    }

    /** The entity tag, with its quotes. Different states have different tags. */
    String tag() {
        return '"'
                + Long.toHexString(modified.to(TimeUnit.NANOSECONDS))
                + '-'
                + Long.toHexString(length)
                + '-'
                + Integer.toHexString(Objects.hashCode(key))
                + '"';
    }

    long modifiedSecond() {
        return modified.to(TimeUnit.SECONDS);
    }
}
