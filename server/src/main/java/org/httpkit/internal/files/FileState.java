package org.httpkit.internal.files;

import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What tells a file from others, and one state of it from another. Immutable.
 *
 * @param modified when it was last changed, as finely as the file system tells it
 * @param key what the file system calls it by, whatever its name; null if it has no such thing
 */
record FileState(FileTime modified, long length, @Nullable Object key) {

    static FileState of(BasicFileAttributes attributes) {
        return new FileState(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
    }

    /** The entity tag, with its quotes: the same for the same state only. */
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
