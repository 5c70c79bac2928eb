package org.httpkit.testkit.simulation;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Writes field blocks with a dynamic table, each field in a form that chance chooses: indexed, with indexing, or
 * without (RFC 7541 section 6). Confined to the simulation's thread.
 */
final class BlockWriter {
    private static final int TABLE_BYTES = 4096;
    private static final int ENTRY_BYTES = 32;
    private static final int FIRST_DYNAMIC_INDEX = 62;

    private record Entry(String name, String value) {
        int bytes() {
            return ENTRY_BYTES + name.length() + value.length();
        }
    }

    private final SplittableRandom random;
    /** The latest one first. */
    private final List<Entry> table = new ArrayList<>();

    private int tableBytes;

    BlockWriter(SplittableRandom random) {
        this.random = random;
    }

    /** Encodes names and values in turn as a block, which has to be sent before the next one. */
    byte[] write(List<String> fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < fields.size(); i += 2) {
            write(out, new Entry(fields.get(i), fields.get(i + 1)));
        }
        return out.toByteArray();
    }

    private void write(ByteArrayOutputStream out, Entry field) {
        int index = table.indexOf(field);
        int dice = random.nextInt(4);
        if (index >= 0 && dice > 0) {
            number(out, 0x80, 7, FIRST_DYNAMIC_INDEX + index);
        } else if (dice > 1) {
            out.write(0x40);
            literal(out, field);
            insert(field);
        } else {
            out.write(dice == 0 ? 0 : 0x10);
            literal(out, field);
        }
    }

    private void insert(Entry field) {
        table.add(0, field);
        tableBytes += field.bytes();
        while (tableBytes > TABLE_BYTES) {
            tableBytes -= table.remove(table.size() - 1).bytes();
        }
    }

    private static void literal(ByteArrayOutputStream out, Entry field) {
        for (String text : List.of(field.name, field.value)) {
            number(out, 0, 7, text.length());
            out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    /** Writes a number with a prefix of this many bits (section 5.1). */
    private static void number(ByteArrayOutputStream out, int pattern, int prefixBits, int number) {
        int most = (1 << prefixBits) - 1;
        if (number < most) {
            out.write(pattern | number);
            return;
        }
        out.write(pattern | most);
        int rest = number - most;
        while (rest >= 128) {
            out.write((rest & 127) | 128);
            rest >>>= 7;
        }
        out.write(rest);
    }
}
