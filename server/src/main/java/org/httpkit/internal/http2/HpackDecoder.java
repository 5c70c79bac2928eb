package org.httpkit.internal.http2;

import org.httpkit.internal.bytes.ByteQueue;

/**
 * Decodes field blocks (RFC 7541), in pieces as they arrive. One per connection; confined to its loop.
 *
 * <p>It decodes every block to its end, whatever happens to the request, because the table must match the one in the
 * client's encoder. It adds up the size of the list before it passes on a field: it reads fields beyond the limit and
 * drops them. It keeps a piece of a string only as far as the list or the table may hold it.
 */
public final class HpackDecoder {
    private enum State {
        BETWEEN_BLOCKS,
        /** Between two fields of a block. */
        FIELD,
        INDEX,
        NAME_LENGTH,
        NAME_LENGTH_REST,
        NAME,
        VALUE_LENGTH,
        VALUE_LENGTH_REST,
        VALUE
    }

    /** The purpose of an index (section 6). */
    private enum Representation {
        INDEXED,
        LITERAL_TO_INDEX,
        LITERAL,
        SIZE_UPDATE
    }

    /** A number has at most four bytes after the prefix: 28 bits. */
    private static final int MOST_SHIFT = 21;

    private static final int HUFFMAN = 0x80;
    /** How much of a Huffman string to decode before its length is compared with the limit. */
    private static final int HUFFMAN_STEP_BYTES = 512;

    private static final FieldSink NOBODY = new FieldSink() {
        @Override
        public void field(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {}

        @Override
        public void tooLarge() {}
    };
    /** Never written to, because nothing is decoded between blocks. */
    private static final ByteQueue NO_STRINGS = new ByteQueue(0);

    private final HpackTable table = new HpackTable(Settings.DEFAULT_TABLE_BYTES);
    /** The largest size that the client's encoder may give its table. */
    private int maxTableBytes = Settings.DEFAULT_TABLE_BYTES;

    private boolean sizeUpdateRequired;

    private State state = State.BETWEEN_BLOCKS;
    private Representation representation = Representation.INDEXED;
    private boolean anyField;
    private int number;
    private int shift;

    private boolean huffman;
    private int huffmanState;
    /** How many bytes of the string's encoded form are still to come. */
    private int remaining;
    /** The full length of the name; {@code strings} may hold less. */
    private int nameLength;
    /** How many bytes of the name and the value were dropped for lack of room. */
    private int dropped;

    private long listBytes;
    private long maxListBytes;
    private FieldSink sink = NOBODY;
    private ByteQueue strings = NO_STRINGS;

    public HpackDecoder() {}

    /** Applies this server's HEADER_TABLE_SIZE, which the client has acknowledged (RFC 9113 section 4.3.1). */
    public void setMaxTableBytes(int bytes) {
        maxTableBytes = bytes;
        sizeUpdateRequired = bytes < table.capacity();
    }

    /**
     * Begins a block whose fields are not needed.
     *
     * @param strings working memory, until the end of the block
     */
    public void beginUnwanted(ByteQueue strings) {
        begin(NOBODY, 0, strings);
    }

    /**
     * Begins a block.
     *
     * @param maxListBytes largest list that the sink receives: name, value and 32 bytes for each field
     * @param strings working memory, until the end of the block
     */
    public void begin(FieldSink sink, int maxListBytes, ByteQueue strings) {
        this.sink = sink;
        this.maxListBytes = maxListBytes;
        this.strings = strings;
        listBytes = 0;
        anyField = false;
        state = State.FIELD;
    }

    /** Ends the block. */
    public void end() throws Http2ViolationException {
        boolean whole = state == State.FIELD;
        state = State.BETWEEN_BLOCKS;
        strings = NO_STRINGS;
        sink = NOBODY;
        if (!whole) {
            throw Http2Violation.FIELD_BLOCK_TRUNCATED.exception();
        }
        if (sizeUpdateRequired) {
            throw Http2Violation.TABLE_SIZE_UPDATE_MISSING.exception();
        }
    }

    /** Size of the arrays that hold the table, in bytes. */
    public int heldBytes() {
        return table.heldBytes();
    }

    /** Decodes a piece of the block. */
    public void decode(byte[] bytes, int offset, int length) throws Http2ViolationException {
        int at = offset;
        int end = offset + length;
        while (at < end) {
            switch (state) {
                case BETWEEN_BLOCKS -> throw new IllegalStateException("No block has begun");
                case FIELD -> beginField(bytes[at++] & 0xFF);
                case INDEX -> {
                    if (isNumberComplete(bytes[at++])) {
                        indexKnown(number);
                    }
                }
                case NAME_LENGTH, VALUE_LENGTH -> beginString(bytes[at++] & 0xFF);
                case NAME_LENGTH_REST, VALUE_LENGTH_REST -> {
                    if (isNumberComplete(bytes[at++])) {
                        lengthKnown(number);
                    }
                }
                case NAME, VALUE -> at = string(bytes, at, end);
            }
        }
    }

    // ---- fields

    /** Reads the first byte of a field or a size update: its kind, and the prefix of a number (section 6). */
    private void beginField(int b) throws Http2ViolationException {
        if (b >= 0x80) {
            index(Representation.INDEXED, b & 0x7F, 0x7F);
        } else if (b >= 0x40) {
            index(Representation.LITERAL_TO_INDEX, b & 0x3F, 0x3F);
        } else if (b >= 0x20) {
            index(Representation.SIZE_UPDATE, b & 0x1F, 0x1F);
        } else {
            index(Representation.LITERAL, b & 0x0F, 0x0F); // "never indexed" matters only to intermediaries
        }
    }

    private void index(Representation representation, int prefix, int fullPrefix) throws Http2ViolationException {
        this.representation = representation;
        if (representation == Representation.SIZE_UPDATE) {
            if (anyField) {
                throw Http2Violation.TABLE_SIZE_UPDATE_MISPLACED.exception();
            }
        } else if (sizeUpdateRequired) {
            throw Http2Violation.TABLE_SIZE_UPDATE_MISSING.exception();
        }
        if (prefix == fullPrefix) {
            beginNumber(prefix);
            state = State.INDEX;
        } else {
            indexKnown(prefix);
        }
    }

    private void indexKnown(int index) throws Http2ViolationException {
        switch (representation) {
            case INDEXED -> {
                anyField = true;
                state = State.FIELD;
                tellIndexed(index);
            }
            case SIZE_UPDATE -> {
                state = State.FIELD;
                resize(index);
            }
            case LITERAL, LITERAL_TO_INDEX -> {
                anyField = true;
                strings.clear();
                dropped = 0;
                nameLength = 0;
                if (index == 0) {
                    state = State.NAME_LENGTH;
                } else {
                    copyName(index);
                    state = State.VALUE_LENGTH;
                }
            }
        }
    }

    private void resize(int capacity) throws Http2ViolationException {
        if (capacity > maxTableBytes) {
            throw Http2Violation.TABLE_SIZE_TOO_LARGE.exception();
        }
        table.resize(capacity);
        sizeUpdateRequired = false;
    }

    private void tellIndexed(int index) throws Http2ViolationException {
        checkIndex(index);
        if (listBytes > maxListBytes) {
            return; // a byte of the block costs little from here on, whatever the entry
        }
        if (index <= HpackStaticTable.SIZE) {
            int nameStart = HpackStaticTable.nameStart(index);
            int nameEnd = HpackStaticTable.nameEnd(index);
            int valueStart = HpackStaticTable.valueStart(index);
            int valueEnd = HpackStaticTable.valueEnd(index);
            if (counts(nameEnd - nameStart + valueEnd - valueStart)) {
                sink.field(HpackStaticTable.BYTES, nameStart, nameEnd, valueStart, valueEnd);
            }
        } else {
            int entry = index - HpackStaticTable.SIZE - 1;
            int nameStart = table.nameStart(entry);
            int nameEnd = table.nameEnd(entry);
            int valueEnd = table.valueEnd(entry);
            if (counts(valueEnd - nameStart)) {
                sink.field(table.bytes(), nameStart, nameEnd, nameEnd, valueEnd);
            }
        }
    }

    /** Copies the name, because the new entry may evict the old one (section 4.4). */
    private void copyName(int index) throws Http2ViolationException {
        checkIndex(index);
        if (index <= HpackStaticTable.SIZE) {
            int start = HpackStaticTable.nameStart(index);
            keep(HpackStaticTable.BYTES, start, HpackStaticTable.nameEnd(index) - start);
        } else {
            int entry = index - HpackStaticTable.SIZE - 1;
            int start = table.nameStart(entry);
            keep(table.bytes(), start, table.nameEnd(entry) - start);
        }
        nameLength = strings.length() + dropped;
    }

    private void checkIndex(int index) throws Http2ViolationException {
        if (index == 0 || index > HpackStaticTable.SIZE + table.count()) {
            throw Http2Violation.INVALID_INDEX.exception();
        }
    }

    private void literalComplete() {
        state = State.FIELD;
        int length = strings.length();
        if (representation == Representation.LITERAL_TO_INDEX) {
            if (dropped > 0) {
                table.clear(); // larger than the table (section 4.4)
            } else {
                table.add(strings.array(), nameLength, length);
            }
        }
        if (counts((long) length + dropped)) {
            sink.field(strings.array(), 0, nameLength, nameLength, length);
        }
    }

    /** Counts a field; returns whether the sink receives it. */
    private boolean counts(long length) {
        boolean within = listBytes <= maxListBytes;
        listBytes += HpackTable.ENTRY_OVERHEAD_BYTES + length;
        if (listBytes <= maxListBytes) {
            return true;
        }
        if (within) {
            sink.tooLarge();
        }
        return false;
    }

    // ---- numbers (section 5.1)

    private void beginNumber(int prefix) {
        number = prefix;
        shift = 0;
    }

    private boolean isNumberComplete(byte b) throws Http2ViolationException {
        if (shift > MOST_SHIFT) {
            throw Http2Violation.INTEGER_TOO_LARGE.exception();
        }
        number += (b & 0x7F) << shift;
        shift += 7;
        return b >= 0;
    }

    // ---- strings (section 5.2)

    private void beginString(int b) throws Http2ViolationException {
        huffman = (b & HUFFMAN) != 0;
        huffmanState = HuffmanCode.START;
        int prefix = b & 0x7F;
        if (prefix == 0x7F) {
            beginNumber(prefix);
            state = state == State.NAME_LENGTH ? State.NAME_LENGTH_REST : State.VALUE_LENGTH_REST;
        } else {
            lengthKnown(prefix);
        }
    }

    private void lengthKnown(int length) throws Http2ViolationException {
        remaining = length;
        boolean name = state == State.NAME_LENGTH || state == State.NAME_LENGTH_REST;
        state = name ? State.NAME : State.VALUE;
        if (length == 0) {
            stringComplete();
        }
    }

    private int string(byte[] bytes, int from, int to) throws Http2ViolationException {
        int length = Math.min(remaining, to - from);
        if (huffman) {
            for (int at = from; at < from + length; at += HUFFMAN_STEP_BYTES) {
                huffman(bytes, at, Math.min(at + HUFFMAN_STEP_BYTES, from + length));
            }
        } else {
            keep(bytes, from, length);
        }
        remaining -= length;
        if (remaining == 0) {
            stringComplete();
        }
        return from + length;
    }

    private void keep(byte[] bytes, int from, int length) {
        int kept = Math.min(length, Math.max(0, mostKept() - strings.length()));
        strings.append(bytes, from, kept);
        dropped += length - kept;
    }

    private void huffman(byte[] bytes, int from, int to) throws Http2ViolationException {
        int[] machine = HuffmanCode.MACHINE;
        strings.ensureFree(2 * (to - from));
        byte[] out = strings.array();
        int before = strings.length();
        int length = before;
        int current = huffmanState;
        int flags = 0;
        for (int i = from; i < to; i++) {
            int entry = machine[current << 4 | (bytes[i] >>> 4 & 0xF)];
            flags |= entry;
            if ((entry & HuffmanCode.SYMBOL) != 0) {
                out[length++] = (byte) (entry >>> HuffmanCode.SYMBOL_SHIFT);
            }
            entry = machine[(entry & HuffmanCode.STATE) << 4 | (bytes[i] & 0xF)];
            flags |= entry;
            if ((entry & HuffmanCode.SYMBOL) != 0) {
                out[length++] = (byte) (entry >>> HuffmanCode.SYMBOL_SHIFT);
            }
            current = entry & HuffmanCode.STATE;
        }
        if ((flags & HuffmanCode.FAILURE) != 0) {
            throw Http2Violation.HUFFMAN_END_OF_STRING.exception();
        }
        huffmanState = current;
        int kept = Math.min(length - before, Math.max(0, mostKept() - before));
        strings.appended(kept);
        dropped += length - before - kept;
    }

    /** Returns how much to keep: bytes that fit neither the list nor the table are not needed. */
    private int mostKept() {
        return (int) Math.max(table.capacity(), Math.max(0, maxListBytes - listBytes));
    }

    private void stringComplete() throws Http2ViolationException {
        if (huffman && !HuffmanCode.mayEnd(huffmanState)) {
            throw Http2Violation.HUFFMAN_PADDING.exception();
        }
        if (state == State.NAME) {
            nameLength = strings.length() + dropped;
            state = State.VALUE_LENGTH;
        } else {
            literalComplete();
        }
    }
}
