package org.httpkit.internal.fields;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.internal.bytes.Ascii;
import org.jspecify.annotations.Nullable;

/**
 * Fields as they arrived: their bytes, and a table of the offsets of names and values, both in one array. Makes strings
 * on demand. Immutable.
 */
public class PackedFields implements Headers {
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int LARGEST_SHORT_OFFSET = 0xFFFF;
    private static final int NAME_START = 0;
    private static final int NAME_END = 1;
    private static final int VALUE_START = 2;
    private static final int VALUE_END = 3;

    /**
     * The text, then for each field four offsets into it: of two bytes each if the text is short enough, else of four.
     */
    final byte[] bytes;

    final int textLength;
    private final int count;

    /**
     * Copies {@code textLength} bytes of text from {@code base}, and the offsets of {@code count} fields in it: for
     * each where its name starts and ends, and where its value starts and ends.
     */
    PackedFields(byte[] source, int base, int textLength, int[] offsets, int count) {
        this.textLength = textLength;
        this.count = count;
        boolean wide = textLength > LARGEST_SHORT_OFFSET;
        byte[] packed = new byte[textLength + count * (wide ? 16 : 8)];
        System.arraycopy(source, base, packed, 0, textLength);
        if (wide) {
            for (int i = 0; i < 4 * count; i++) {
                INTS.set(packed, textLength + 4 * i, offsets[i]);
            }
        } else {
            for (int i = 0; i < 4 * count; i++) {
                SHORTS.set(packed, textLength + 2 * i, (short) offsets[i]);
            }
        }
        this.bytes = packed;
    }

    /** Size of its array, in bytes. */
    public final int heldBytes() {
        return bytes.length;
    }

    private int offset(int field, int part) {
        int index = 4 * field + part;
        return textLength > LARGEST_SHORT_OFFSET
                ? (int) INTS.get(bytes, textLength + 4 * index)
                : (short) SHORTS.get(bytes, textLength + 2 * index) & 0xFFFF;
    }

    @Override
    public final int size() {
        return count;
    }

    @Override
    public final String name(int index) {
        checkIndex(index);
        return FieldNames.nameAt(bytes, offset(index, NAME_START), offset(index, NAME_END));
    }

    @Override
    public final String lowerCaseName(int index) {
        checkIndex(index);
        return FieldNames.lowerCaseNameAt(bytes, offset(index, NAME_START), offset(index, NAME_END));
    }

    @Override
    public final String value(int index) {
        checkIndex(index);
        return text(offset(index, VALUE_START), offset(index, VALUE_END));
    }

    @Override
    public final @Nullable String first(String name) {
        int field = indexOf(name, 0);
        return field < 0 ? null : value(field);
    }

    @Override
    public final List<String> all(String name) {
        List<String> values = new ArrayList<>(1);
        for (int field = indexOf(name, 0); field >= 0; field = indexOf(name, field + 1)) {
            values.add(value(field));
        }
        return values;
    }

    @Override
    public final boolean contains(String name) {
        return indexOf(name, 0) >= 0;
    }

    @Override
    public final boolean lists(String name, String member) {
        for (int field = indexOf(name, 0); field >= 0; field = indexOf(name, field + 1)) {
            int end = offset(field, VALUE_END);
            for (int start = offset(field, VALUE_START); start <= end; ) {
                int comma = Ascii.indexOf((byte) ',', bytes, start, end);
                int from = Ascii.skipWhitespace(bytes, start, comma);
                if (Ascii.equalsIgnoreCase(bytes, from, Ascii.trimEnd(bytes, from, comma), member)) {
                    return true;
                }
                start = comma + 1;
            }
        }
        return false;
    }

    final String text(int from, int to) {
        return from == to ? "" : new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private int indexOf(String name, int from) {
        for (int i = from; i < count; i++) {
            if (Ascii.equalsIgnoreCase(bytes, offset(i, NAME_START), offset(i, NAME_END), name)) {
                return i;
            }
        }
        return -1;
    }

    private void checkIndex(int index) {
        if (index < 0 || index >= count) {
            throw new IndexOutOfBoundsException("Field " + index + " of " + count);
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : ", ").append(name(i)).append(": ").append(value(i));
        }
        return text.append(']').toString();
    }
}
