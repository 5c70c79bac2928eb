package org.httpkit.internal.tls;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Reads the blocks of a PEM file (RFC 7468), and ignores the text around them. Stateless. */
final class Pem {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";

    /**
     * One block.
     *
     * @param label its stated kind, such as {@code PRIVATE KEY}
     * @param encrypted whether it has header fields, like keys that old programs have encrypted
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Block(String label, byte[] der, boolean encrypted) {}

    private Pem() {}

    /** @throws IllegalArgumentException if a block has no end or is not Base64 */
    static List<Block> blocks(String text) {
        List<Block> blocks = new ArrayList<>();
        for (int begin = text.indexOf(BEGIN); begin >= 0; begin = text.indexOf(BEGIN, begin + 1)) {
            int labelEnd = text.indexOf(DASHES, begin + BEGIN.length());
            String label = labelEnd < 0 ? "" : text.substring(begin + BEGIN.length(), labelEnd);
            int end = text.indexOf(END + label + DASHES, begin);
            if (label.isEmpty() || end < 0) {
                throw new IllegalArgumentException("a block that begins with " + BEGIN + label + " has no end");
            }
            String content = text.substring(labelEnd + DASHES.length(), end);
            boolean hasFields = content.indexOf(':') >= 0;
            blocks.add(new Block(label, hasFields ? new byte[0] : decoded(label, content), hasFields));
            begin = end;
        }
        return blocks;
    }

    private static byte[] decoded(String label, String content) {
        try {
            return Base64.getMimeDecoder().decode(content);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the block " + label + " is not Base64", e);
        }
    }
}
