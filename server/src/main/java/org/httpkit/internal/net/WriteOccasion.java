package org.httpkit.internal.net;

/** What has brought the write claim to the thread that writes. */
enum WriteOccasion {
    /** Nothing waited. */
    FIRST,
    /** What waited goes on: there is room in the socket. */
    ROOM,
    /** What waited goes on, on a thread that may wait for a disk. */
    DISK
}
