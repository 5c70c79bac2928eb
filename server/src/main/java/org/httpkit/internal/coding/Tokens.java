package org.httpkit.internal.coding;

/**
 * Compares tokens ignoring case, in ASCII only: {@code GZİP} is not gzip, whatever a language's case rules say.
 * Stateless.
 */
public final class Tokens {

    private Tokens() {}

    /**
     * Whether the two tokens are equal.
     *
     * @param lowerCase in lower case
     */
    public static boolean isEqual(String text, String lowerCase) {
        return isEqual(text, 0, text.length(), lowerCase);
    }

    static boolean isEqual(String text, int from, int to, String lowerCase) {
        if (to - from != lowerCase.length()) {
            return false;
        }
        for (int i = 0; i < lowerCase.length(); i++) {
            char c = text.charAt(from + i);
            if ((c >= 'A' && c <= 'Z' ? (char) (c + 32) : c) != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
