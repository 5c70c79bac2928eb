package org.httpkit.internal.net;

import java.nio.channels.SelectionKey;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The keys that were ready when a loop's selector was last asked, until each has had its turn. Confined to the loop. */
final class ReadyKeys {
    private SelectionKey[] keys = new SelectionKey[64];
    private int count;
    /** Those before it have had their turn. */
    private int next;

    void add(SelectionKey key) {
        if (count == keys.length) {
            keys = Arrays.copyOf(keys, 2 * count);
        }
        keys[count++] = key;
    }

    /** The next one; null if all have had their turn. */
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
