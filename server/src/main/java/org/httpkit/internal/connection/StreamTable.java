package org.httpkit.internal.connection;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Finds the open streams of one connection by number; without streams it holds no array. Confined to its loop thread.
 */
final class StreamTable implements Iterable<Http2Stream> {
    private static final int FEWEST = 8;
    private static final @Nullable Http2Stream[] NONE = {};

    /** Each stream stands at its number's slot or behind it, with no gap between. */
    private @Nullable Http2Stream[] slots = NONE;

    private int size;

    int size() {
        return size;
    }

    @Nullable
    Http2Stream get(int id) {
        if (size == 0) {
            return null;
        }
        for (int at = placeOf(id); ; at = next(at)) {
            Http2Stream stream = slots[at];
            if (stream == null || stream.id == id) {
                return stream;
            }
        }
    }

    void put(Http2Stream stream) {
        if (2 * (size + 1) > slots.length) {
            grow();
        }
        insert(stream);
        size++;
    }

    private void insert(Http2Stream stream) {
        int at = placeOf(stream.id);
        while (slots[at] != null) {
            at = next(at);
        }
        slots[at] = stream;
    }

    private void grow() {
        @Nullable Http2Stream[] before = slots;
        slots = new @Nullable Http2Stream[Math.max(FEWEST, 2 * before.length)];
        for (Http2Stream stream : before) {
            if (stream != null) {
                insert(stream);
            }
        }
    }

    /** Removes a stream, if it is there. */
    void remove(int id) {
        if (get(id) == null) {
            return;
        }
        if (size == 1) {
            size = 0;
            clear();
            return;
        }
        int at = placeOf(id);
        for (Http2Stream stream = slots[at]; stream == null || stream.id != id; stream = slots[at]) {
            at = next(at);
        }
        slots[at] = null;
        size--;
        for (int behind = next(at); slots[behind] != null; behind = next(behind)) {
            Http2Stream moved = slots[behind];
            slots[behind] = null;
            if (moved != null) {
                insert(moved);
            }
        }
    }

    private void clear() {
        if (slots.length > FEWEST) {
            slots = NONE;
        } else {
            Arrays.fill(slots, null);
        }
    }

    /** Releases the array if it is empty. */
    void rest() {
        if (size == 0) {
            slots = NONE;
        }
    }

    /** The number of slots, for loops that remove nothing meanwhile. */
    int slots() {
        return size == 0 ? 0 : slots.length;
    }

    @Nullable
    Http2Stream slot(int index) {
        return slots[index];
    }

    private int placeOf(int id) {
        return (id >>> 1) & (slots.length - 1);
    }

    private int next(int at) {
        return (at + 1) & (slots.length - 1);
    }

    /** Iterates over the streams that are there when it begins; they may be removed meanwhile. */
    @Override
    public Iterator<Http2Stream> iterator() {
        @Nullable Http2Stream[] present = size == 0 ? NONE : slots.clone();
        return new Iterator<>() {
            private int at;

            @Override
            public boolean hasNext() {
                while (at < present.length && present[at] == null) {
                    at++;
                }
                return at < present.length;
            }

            @Override
            public Http2Stream next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                Http2Stream found = present[at++];
                if (found == null) {
                    throw new NoSuchElementException();
                }
                return found;
            }
        };
    }
}
