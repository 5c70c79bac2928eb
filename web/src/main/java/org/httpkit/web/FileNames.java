package org.httpkit.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides which names in a path may name files, on any system. Pure functions.
 *
 * <p>One rule for all systems: a name that means a separator, a device or a stream on one of them is refused on the
 * others as well.
 */
final class FileNames {
    private static final int MAX_CHARS = 255;

    /** Characters that Windows takes for parts of a path, a drive, a stream or a pattern. */
    private static final String REFUSED = "/\\:*?\"<>|";

    /**
     * Devices of Windows, in each folder and with any extension; it takes superscript digits for COM1 and its kin, too.
     */
    private static final Set<String> DEVICES = Set.of("con", "prn", "aux", "nul", "conin$", "conout$", "clock$");

    private static final Pattern PORT = Pattern.compile("(?:com|lpt)[0-9¹²³]");

    private FileNames() {}

    /**
     * The segments of a path, each decoded once.
     *
     * @return null if an escape is broken
     */
    static @Nullable List<String> segments(String path, int start) {
        List<String> segments = new ArrayList<>();
        for (int at = start; at <= path.length(); ) {
            int end = PathText.segmentEnd(path, at);
            String segment = PathText.decode(path, at, end);
            if (segment == null) {
                return null;
            }
            segments.add(segment);
            at = end + 1;
        }
        return segments;
    }

    /** Whether a decoded segment may name a file to serve; names that begin with a dot are hidden. */
    static boolean isServed(String name) {
        if (name.isEmpty() || name.length() > MAX_CHARS || isHidden(name)) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < ' ' || c == 0x7F || REFUSED.indexOf(c) >= 0) {
                return false;
            }
        }
        char last = name.charAt(name.length() - 1);
        return last != '.' && last != ' ' && !isDevice(name); // Windows drops dots and spaces at the end
    }

    /** Whether the name begins with a dot. */
    static boolean isHidden(String name) {
        return name.startsWith(".");
    }

    private static boolean isDevice(String name) {
        int dot = name.indexOf('.');
        String stem = (dot < 0 ? name : name.substring(0, dot)).strip().toLowerCase(Locale.ROOT);
        return DEVICES.contains(stem) || PORT.matcher(stem).matches();
    }
}
