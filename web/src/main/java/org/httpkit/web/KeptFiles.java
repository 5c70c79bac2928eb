package org.httpkit.web;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.httpkit.server.Response;
import org.httpkit.web.FileFolder.Found;
import org.jspecify.annotations.Nullable;

/**
 * Caches the results of requests for files, with the bytes of small files, up to a limit. It uses an entry as long as
 * each name that it depends on still leads to the file in the state seen before. That a name is missing, the state of
 * its folder tells: one look at the folder replaces one at each missing name. Safe from any thread.
 *
 * <p>At the limit it drops entries that no request has used since it last dropped some. If all were used, it does not
 * keep the new one.
 */
final class KeptFiles {
    /** Above this, sending from the page cache costs less than the memory is worth. */
    static final int MOST_FILE_BYTES = 256 * 1024;

    /**
     * A file or folder may change twice within one tick of the file system's clock: what was read that soon after a
     * change may be outdated.
     */
    private static final Duration TICK = Duration.ofSeconds(2);

    /** Heap that an entry takes besides its bytes, roughly. */
    private static final int ENTRY_BYTES = 1024;

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    /** How many bytes are kept, and for how long a file is not checked again. */
    record Limits(long maxBytes, Duration age) {
        /** 16 MiB, or 1/32 of the largest heap if that is less; each request checks the file. */
        static final Limits USUAL =
                new Limits(Math.min(16 << 20, Runtime.getRuntime().maxMemory() / 32), Duration.ZERO);
    }

    /** The bytes of a file as a response, and the state of the file when they were read. */
    private record Loaded(Response response, Stamp stamp, boolean isCertain, int bytes) {}

    /** A state of a file. */
    private record Stamp(
            FileTime changed, long size, @Nullable Object key) {
        static Stamp of(BasicFileAttributes attributes) {
            return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        }

        /** Whether a further change would show. */
        boolean isCertain() {
            return changed.toInstant().isBefore(Instant.now().minus(TICK));
        }

        boolean isFromTheFuture() {
            return changed.toInstant().isAfter(Instant.now());
        }
    }

    /** The file or folder under a name; the stamp is null if there was none to serve. */
    private record Seen(Path named, @Nullable Stamp stamp) {
        boolean isUnchanged() {
            if (stamp == null) {
                return named.getFileSystem() == FileSystems.getDefault()
                        ? !named.toFile().exists() // without the cost of an exception
                        : !Files.exists(named);
            }
            try {
                return Stamp.of(Files.readAttributes(named, BasicFileAttributes.class))
                        .equals(stamp);
            } catch (IOException e) {
                return false;
            }
        }
    }

    /** The entry for one path of requests. */
    private static final class Entry {
        private final FileChoice choice;
        private final List<Seen> seen;
        private final Map<Path, Loaded> files;
        private final boolean isCertain;
        /** Whether a later look may find less to check. */
        private final boolean isProvisional;

        private final long foundNanos;
        private final long bytes;
        private volatile long lookedNanos;
        // Any thread; a lost update costs an entry its place at most.
        private boolean isUsed = true;

        Entry(FileChoice choice, Look look) {
            this.choice = choice;
            this.seen = List.copyOf(look.seen);
            this.files = Map.copyOf(look.files);
            this.isCertain = files.values().stream().allMatch(Loaded::isCertain);
            this.isProvisional = look.isProvisional;
            this.foundNanos = look.startNanos;
            this.bytes = ENTRY_BYTES
                    + 2L * look.path.length()
                    + files.values().stream().mapToLong(Loaded::bytes).sum();
            this.lookedNanos = look.startNanos;
        }
    }

    /** Looks at the files of a path once. For one thread. */
    final class Look {
        private final String path;
        private final long startNanos = clock.getAsLong();
        private final @Nullable Entry before;
        private final List<Seen> seen = new ArrayList<>();
        /** The states of folders before names in them were looked up; null for one that has just changed. */
        private final Map<Path, @Nullable Stamp> folders = new HashMap<>();

        private final Map<Path, Loaded> files = new HashMap<>();
        private boolean isProvisional;
        /** Whether a response has a stream, and so serves one request only. */
        private boolean isForOnce;

        private Look(String path) {
            this.path = path;
            this.before = entries.get(path);
        }

        /** As {@link FileFolder#find}. */
        @Nullable
        Found find(List<String> names) {
            Found found = folder.find(names);
            Path named = limits.maxBytes > 0 ? named(names) : null;
            if (found != null && named != null) {
                seen.add(new Seen(named, Stamp.of(found.attributes())));
            }
            return found;
        }

        /** As {@link FileFolder#findIfThere}. */
        @Nullable
        Found findIfThere(List<String> names) {
            Path named = limits.maxBytes > 0 ? named(names) : null;
            if (named == null) {
                return folder.findIfThere(names);
            }
            Seen around = folderOf(named);
            Found found = folder.findIfThere(names);
            if (found != null) {
                seen.add(new Seen(named, Stamp.of(found.attributes())));
            } else if (around.stamp == null || Files.exists(named, LinkOption.NOFOLLOW_LINKS)) {
                seen.add(new Seen(named, null)); // a link, for one: its folder does not tell when the target appears
                isProvisional |= around.stamp == null;
            } else if (!seen.contains(around)) {
                seen.add(around);
            }
            return found;
        }

        /** Null for a name that the system cannot write, which leads nowhere, now and later. */
        private @Nullable Path named(List<String> names) {
            try {
                return folder.named(names);
            } catch (InvalidPathException e) {
                return null;
            }
        }

        /** Looks at the folder around a name; the stamp is null if the folder cannot tell of a change. */
        private Seen folderOf(Path named) {
            Path around = Objects.requireNonNull(named.getParent());
            if (!folders.containsKey(around)) {
                folders.put(around, certainStamp(around));
            }
            return new Seen(around, folders.get(around));
        }

        /**
         * The response for a file, without fields that depend on its name: from its bytes if it is small. A larger file
         * of the system's own is left to the server. To send one of a jar as a file, the server would have to write it
         * to a file first, so that is read as a stream.
         */
        Response response(Found file) {
            Stamp stamp = Stamp.of(file.attributes());
            if (stamp.size <= Math.min(MOST_FILE_BYTES, limits.maxBytes)) {
                Loaded known = before == null ? null : before.files.get(file.path());
                Loaded loaded =
                        known != null && known.isCertain && known.stamp.equals(stamp) ? known : load(file, stamp);
                if (loaded != null) {
                    files.put(file.path(), loaded);
                    return loaded.response;
                }
            }
            if (folder.isOnDisk()) {
                return Response.file(file.path());
            }
            isForOnce = true;
            Response stream = Response.stream(new FileStream(() -> folder.open(file.path())), stamp.size);
            return withState(stream, file, stamp);
        }

        /** Keeps the result of this look. */
        void keep(FileChoice choice) {
            if (limits.maxBytes > 0 && !isForOnce) {
                KeptFiles.this.keep(path, new Entry(choice, this));
            }
        }
    }

    private final FileFolder folder;
    private final Limits limits;
    private final LongSupplier clock;
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    private final AtomicLong held = new AtomicLong();

    /** @param clock nanoseconds */
    KeptFiles(FileFolder folder, Limits limits, LongSupplier clock) {
        this.folder = folder;
        this.limits = limits;
        this.clock = clock;
    }

    /** Returns the entry for a path if it is still valid; null if the caller has to look again. */
    @Nullable
    FileChoice get(String path) {
        Entry entry = entries.get(path);
        if (entry == null) {
            return null;
        }
        long now = clock.getAsLong();
        if (now - entry.lookedNanos >= limits.age.toNanos()) {
            boolean mayFindLess = entry.isProvisional && now - entry.foundNanos >= TICK.toNanos();
            if (!entry.isCertain || mayFindLess || !isUnchanged(entry)) {
                return null;
            }
            entry.lookedNanos = now;
        }
        if (!entry.isUsed) {
            entry.isUsed = true;
        }
        return entry.choice;
    }

    private static boolean isUnchanged(Entry entry) {
        for (Seen seen : entry.seen) {
            if (!seen.isUnchanged()) {
                return false;
            }
        }
        return true;
    }

    Look look(String path) {
        return new Look(path);
    }

    /** The bytes held, including the entries' overhead. */
    long heldBytes() {
        return held.get();
    }

    private void keep(String path, Entry entry) {
        Entry before = entries.get(path);
        long more = entry.bytes - (before == null ? 0 : before.bytes);
        if (held.get() + more > limits.maxBytes && !makeRoom(more)) {
            return;
        }
        Entry replaced = entries.put(path, entry);
        held.addAndGet(entry.bytes - (replaced == null ? 0 : replaced.bytes));
    }

    private boolean makeRoom(long bytes) {
        Iterator<Map.Entry<String, Entry>> all = entries.entrySet().iterator();
        while (held.get() + bytes > limits.maxBytes && all.hasNext()) {
            Map.Entry<String, Entry> next = all.next();
            Entry entry = next.getValue();
            if (entry.isUsed) {
                entry.isUsed = false;
            } else if (entries.remove(next.getKey(), entry)) {
                held.addAndGet(-entry.bytes);
            }
        }
        return held.get() + bytes <= limits.maxBytes;
    }

    private static @Nullable Stamp certainStamp(Path folder) {
        try {
            Stamp stamp = Stamp.of(Files.readAttributes(folder, BasicFileAttributes.class));
            return stamp.isCertain() ? stamp : null;
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * Reads the file; returns null if it changed meanwhile, or cannot be read: the server reports the reason when it
     * opens the file. Also if it is from the future: only the server knows how to send a Last-Modified that is not later
     * than its Date (RFC 9110 section 8.8.2.1).
     */
    private @Nullable Loaded load(Found file, Stamp stamp) {
        try {
            byte[] bytes = bytesOf(file);
            Stamp after = Stamp.of(Files.readAttributes(file.path(), BasicFileAttributes.class));
            if (!after.equals(stamp) || bytes.length != stamp.size || stamp.isFromTheFuture()) {
                return null;
            }
            boolean isCertain = stamp.isCertain();
            return new Loaded(withState(Response.bytes(bytes), file, stamp), stamp, isCertain, bytes.length);
        } catch (IOException e) {
            return null;
        }
    }

    private byte[] bytesOf(Found file) throws IOException {
        if (folder.isOnDisk()) {
            return Files.readAllBytes(file.path());
        }
        try (InputStream content = folder.open(file.path())) {
            return content.readAllBytes();
        }
    }

    /**
     * Adds the fields that tell the state of a file. Builds that can be repeated give all files of a jar the same time,
     * so there the checksum tells states apart, and the time is left out: as a validator it would miss changes (RFC 9110
     * section 8.8.2).
     */
    private static Response withState(Response response, Found file, Stamp stamp) {
        Object checksum = stamp.key == null ? checksum(file.path()) : null;
        Instant changed = stamp.changed.toInstant();
        String tag = Long.toHexString(changed.getEpochSecond())
                + '-'
                + Integer.toHexString(changed.getNano())
                + '-'
                + Long.toHexString(stamp.size)
                + '-'
                + Integer.toHexString(Objects.hashCode(checksum == null ? stamp.key : checksum));
        Response tagged = response.header("ETag", '"' + tag + '"').header("Accept-Ranges", "bytes");
        return checksum != null || stamp.isFromTheFuture()
                ? tagged
                : tagged.header("Last-Modified", DATE.format(changed));
    }

    /** The CRC-32 of a file in a jar; null for others. */
    private static @Nullable Object checksum(Path file) {
        try {
            return file.getFileSystem().supportedFileAttributeViews().contains("zip")
                    ? Files.getAttribute(file, "zip:crc")
                    : null;
        } catch (IOException e) {
            return null;
        }
    }
}
