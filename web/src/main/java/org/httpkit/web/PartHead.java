package org.httpkit.web;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The header fields of a part, and their meaning. Immutable.
 *
 * <p>{@code name*} and {@code filename*} (RFC 5987) count for nothing: RFC 7578 section 4.2 forbids them, and different
 * programs would choose different ones of a part's two names.
 *
 * @param fields keyed by name in lower case
 */
record PartHead(
        Map<String, String> fields, String name, @Nullable String givenFileName) {
    private static final long PART_BYTES = 256;
    private static final long FIELD_BYTES = 128;

    /** Reads the lines, each including its end. */
    static PartHead of(byte[] bytes, int length) throws MultipartException {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String line : lines(decode(bytes, length))) {
            int colon = line.indexOf(':');
            String name = colon < 0 ? "" : line.substring(0, colon);
            String value = FieldParameters.strip(line.substring(colon + 1));
            if (name.isEmpty()
                    || !name.chars().allMatch(c -> FieldParameters.isToken((char) c))
                    || value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7F)) {
                throw new MultipartException(MultipartViolation.INVALID_FIELD);
            }
            if (fields.put(FieldParameters.lowerCase(name), value) != null) {
                throw new MultipartException(MultipartViolation.REPEATED);
            }
        }
        String encoding = FieldParameters.lowerCase(fields.getOrDefault("content-transfer-encoding", "binary"));
        if (!encoding.equals("binary") && !encoding.equals("8bit") && !encoding.equals("7bit")) {
            throw new MultipartException(MultipartViolation.TRANSFER_ENCODING);
        }
        String field = fields.get("content-disposition");
        FieldParameters disposition = field == null ? null : FieldParameters.of(field);
        if (disposition == null) {
            throw new MultipartException(MultipartViolation.INVALID_DISPOSITION);
        }
        String name = disposition.parameters().get("name");
        if (name == null || !disposition.value().equals("form-data")) {
            throw new MultipartException(MultipartViolation.NO_NAME);
        }
        return new PartHead(fields, name, disposition.parameters().get("filename"));
    }

    /** The last element of the file's name, as a path of any system; empty if that is no name. */
    @Nullable
    String fileName() {
        if (givenFileName == null) {
            return null;
        }
        int slash = Math.max(givenFileName.lastIndexOf('/'), givenFileName.lastIndexOf('\\'));
        String last = givenFileName.substring(slash + 1);
        return last.equals(".") || last.equals("..") ? "" : last;
    }

    /** The charset of {@code Content-Type}; UTF-8 if the field names none, or an unknown one. */
    Charset charset() throws MultipartException {
        FieldParameters type = FieldParameters.of(fields.getOrDefault("content-type", "text/plain"));
        return Charsets.of(type == null ? null : type.parameters().get("charset"));
    }

    /** Decodes these bytes as text; each byte counts. */
    String text(byte[] bytes) throws MultipartException {
        try {
            return charset().newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new MultipartException(MultipartViolation.INVALID_TEXT);
        }
    }

    /** The memory that it takes and what goes with it, roughly: the objects, and two bytes for each character. */
    long heldBytes() {
        long chars = name.length();
        if (givenFileName != null) {
            chars += givenFileName.length();
        }
        for (Map.Entry<String, String> field : fields.entrySet()) {
            chars += field.getKey().length();
            chars += field.getValue().length();
        }
        return PART_BYTES + FIELD_BYTES * fields.size() + 2 * chars;
    }

    private static String decode(byte[] bytes, int length) throws MultipartException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MultipartException(MultipartViolation.INVALID_FIELD);
        }
    }

    /** The lines before the empty one. A lone CR or LF ends no line; it stays in the line, which is then refused. */
    private static String[] lines(String text) {
        return text.equals("\r\n")
                ? new String[0]
                : text.substring(0, text.length() - 4).split("\r\n", -1);
    }
}
