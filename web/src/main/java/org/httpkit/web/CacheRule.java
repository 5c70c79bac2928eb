package org.httpkit.web;

import java.util.regex.Pattern;

/**
 * The {@code Cache-Control} of files whose names match a pattern. Immutable.
 *
 * <p>In a pattern {@code *} and {@code ?} stand for characters of one name, {@code **} for any characters, slashes as
 * well, and <code>{js,css}</code> for one of these.
 */
record CacheRule(Pattern files, String cacheControl) {
    static final String IMMUTABLE = "public, max-age=31536000, immutable";

    /** A hexadecimal hash: 8 digits or more, with both a letter and a figure, so that a date does not match. */
    private static final Pattern HASHED =
            Pattern.compile("(?:.*/)?[^/]*[._-](?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{8,64}[._][^/]*", Pattern.DOTALL);

    static CacheRule ofHashedNames() {
        return new CacheRule(HASHED, IMMUTABLE);
    }

    static CacheRule of(String pattern, String cacheControl) {
        return new CacheRule(Pattern.compile(regex(pattern), Pattern.DOTALL), cacheControl);
    }

    /** @param file its path in the folder, for example {@code css/page.css} */
    boolean isFor(String file) {
        return files.matcher(file).matches();
    }

    private static String regex(String pattern) {
        StringBuilder regex = new StringBuilder();
        boolean inBraces = false;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (pattern.startsWith("**/", i)) {
                regex.append("(?:.*/)?");
                i += 2;
            } else if (pattern.startsWith("**", i)) {
                regex.append(".*");
                i++;
            } else if (c == '*' || c == '?') {
                regex.append(c == '*' ? "[^/]*" : "[^/]");
            } else if (c == (inBraces ? '}' : '{')) {
                inBraces = !inBraces;
                regex.append(inBraces ? "(?:" : ")");
            } else if (c == ',' && inBraces) {
                regex.append('|');
            } else {
                regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        if (inBraces) {
            throw new IllegalArgumentException("Pattern " + pattern + ": a brace is not closed");
        }
        return regex.toString();
    }
}
