package org.httpkit.internal.representation;

import org.httpkit.http.Headers;
import org.httpkit.internal.fields.HttpDate;
import org.jspecify.annotations.Nullable;

/**
 * What tells the current state of a resource from others (RFC 9110 section 8.8). Immutable.
 *
 * @param tag its entity tag, or null
 * @param modifiedSecond when it was last modified, in seconds since 1970; {@link HttpDate#INVALID} if that is not known
 */
public record Validators(@Nullable EntityTag tag, long modifiedSecond) {

    /** Those that a response has among its fields. What is no tag or no date there does not count. */
    public static Validators of(Headers fields, long nowSecond) {
        String tag = fields.first("ETag");
        String modified = fields.first("Last-Modified");
        return new Validators(
                tag == null ? null : EntityTag.parse(tag),
                modified == null ? HttpDate.INVALID : HttpDate.parse(modified, nowSecond));
    }

    /** Whether fields may have any: a look at the names alone. */
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

    boolean hasDate() {
        return modifiedSecond != HttpDate.INVALID;
    }
}
