package org.httpkit.topics;

import org.httpkit.server.Message;
import org.jspecify.annotations.Nullable;

/** The notice that a receiver has everything up to a place, made once for each form. Confined to its thread. */
final class LiveNotices {
    private final String place;
    private final @Nullable Message[] forms = new Message[Form.values().length];

    LiveNotices(String place) {
        this.place = place;
    }

    /** Returns the notice in a form; null if the form has none. */
    @Nullable
    Message in(Form form) {
        Message known = forms[form.slot];
        if (known == null) {
            known = form.of(Notice.LIVE, "", place);
            forms[form.slot] = known;
        }
        return known;
    }
}
