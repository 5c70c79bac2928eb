package org.httpkit.internal.net;

import java.nio.channels.SelectionKey;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The keys that were ready at the loop's last select, until each has had its turn. Confined to the loop. */
final class ReadyKeys {
    private SelectionKey[] keys = new SelectionKey[64];
    private int count;
    /** The index of the next key; those before it have had their turn. */
    private int next;

    void add(SelectionKey key) {
        if (count == keys.length) {
            keys = Arrays.copyOf(keys, 2 * count);
        }
        keys[count++] = key;
    }

    /** Returns the next key; null if all have had their turn. */
    @Nullable
    SelectionKey next() {
        if (next == count) {
            next = 0;
            count = 0;
            return null;
        }
        SelectionKey key = keys[next];
        keys[next++] = null;
        return key;
    }
}
