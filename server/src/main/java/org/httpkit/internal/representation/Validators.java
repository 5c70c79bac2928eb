package org.httpkit.internal.representation;

import org.httpkit.http.Headers;
import org.httpkit.internal.fields.HttpDate;
import org.jspecify.annotations.Nullable;

/**
 * The validators of a resource's current state, which distinguish it from other states (RFC 9110 section 8.8).
 * Immutable.
 *
 * @param tag its entity tag, or null
 * @param modifiedSecond when the resource was last modified, in seconds since 1970; {@link HttpDate#INVALID} if unknown
 */
public record Validators(@Nullable EntityTag tag, long modifiedSecond) {

    /** Returns the validators among a response's fields. Malformed tags and dates do not count. */
    public static Validators of(Headers fields, long nowSecond) {
        String tag = fields.first("ETag");
        String modified = fields.first("Last-Modified");
        return new Validators(
                tag == null ? null : EntityTag.parse(tag),
                modified == null ? HttpDate.INVALID : HttpDate.parse(modified, nowSecond));
    }

    /** Whether the fields may contain validators, judged by their names alone. */
    public static boolean mayBeIn(Headers fields) {
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i);
            if ((name.length() == 4 && name.equalsIgnoreCase("ETag"))
                    || (name.length() == 13 && name.equalsIgnoreCase("Last-Modified"))) {
                return true;
            }
        }
        return false;
    }

    /** The validators without the date. */
    public Validators withoutDate() {
        return new Validators(tag, HttpDate.INVALID);
    }

    boolean hasDate() {
        return modifiedSecond != HttpDate.INVALID;
    }
}
