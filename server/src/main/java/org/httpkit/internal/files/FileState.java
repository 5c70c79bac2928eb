package org.httpkit.internal.files;

import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a file and of its current state. Immutable.
 *
 * @param modified when the file last changed, as finely as the file system records it
 * @param key the file system's identifier of the file, which does not depend on its name; null if there is none
 */
record FileState(FileTime modified, long length, @Nullable Object key) {

    static FileState of(BasicFileAttributes attributes) {
        return new FileState(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
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
