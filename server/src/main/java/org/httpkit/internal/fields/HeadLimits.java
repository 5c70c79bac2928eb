package org.httpkit.internal.fields;

/**
 * The limits on a request's head. Immutable.
 *
 * @param maxLineBytes longest request line or field line, CRLF included; a longer request line gets 414, a longer field
 *     line 431
 * @param maxHeaderBytes longest header section or trailer section: all field lines and the empty line that ends them; a
 *     longer one gets 431
 * @param maxHeaderCount most fields in one header section or trailer section; more get 431
 */
public record HeadLimits(int maxLineBytes, int maxHeaderBytes, int maxHeaderCount) {
    /** 8 KiB a line, 64 KiB a header section, 100 fields. */
    public static final HeadLimits DEFAULT = new HeadLimits(8192, 65536, 100);

    /** Keeps sums of the limits well inside an int. */
    private static final int LARGEST = 1 << 28;

    /** @throws IllegalArgumentException if a limit is too small for any request, or beyond 256 MiB */
    public HeadLimits {
        require("maxLineBytes", maxLineBytes, 16);
        require("maxHeaderBytes", maxHeaderBytes, 16);
        require("maxHeaderCount", maxHeaderCount, 1);
    }

    private static void require(String name, int value, int least) {
        if (value < least || value > LARGEST) {
            throw new IllegalArgumentException(name + " is " + value + "; legal are " + least + " to " + LARGEST);
        }
    }
}
