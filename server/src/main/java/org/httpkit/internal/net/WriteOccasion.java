package org.httpkit.internal.net;

/** Why the writing thread has the write claim. */
enum WriteOccasion {
    /** Nothing waited. */
    FIRST,
    /** Waiting output continues, because the socket has room. */
    ROOM,
    /** Waiting output continues, on a thread that may wait for a disk. */
    DISK
}
