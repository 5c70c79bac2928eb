package org.httpkit.internal.coding;

/** Compares tokens without regard to case, in ASCII alone: {@code GZİP} is not gzip, whatever the case rules of a language say. Stateless. */
public final class Tokens {

    private Tokens() {}

    /**
     * Whether both are the same token.
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
