package org.httpkit.testkit.simulation;

import java.util.function.Supplier;
import org.httpkit.testkit.RawResponse;
import org.jspecify.annotations.Nullable;

/**
 * The answer that a request must get. Immutable.
 *
 * @param toHead whether the request is HEAD, so that the answer has no body
 * @param status 0 for a refusal, whichever
 * @param body compared if the status is 200
 * @param isStream whether the server may end it early
 * @param expectation what has to come before it
 * @param file the file that is sent, or null
 */
record Expected(
        boolean toHead,
        int status,
        Supplier<String> body,
        boolean isStream,
        Expectation expectation,
        @Nullable SimulatedFile file) {
    static Expected ok(String body) {
        return ok(body, Expectation.NONE);
    }

    static Expected ok(String body, Expectation expectation) {
        return new Expected(false, 200, () -> body, false, expectation, null);
    }

    static Expected ok(boolean toHead, String body) {
        return new Expected(toHead, 200, () -> body, false, Expectation.NONE, null);
    }

    static Expected failure(boolean toHead, int status) {
        return new Expected(toHead, status, () -> "", false, Expectation.NONE, null);
    }

    /** @param body called when all is over */
    static Expected stream(Supplier<String> body) {
        return new Expected(false, 200, body, true, Expectation.NONE, null);
    }

    static Expected file(boolean toHead, SimulatedFile file) {
        return new Expected(toHead, file.status(), file::text, false, Expectation.NONE, file);
    }

    static Expected refusal() {
        return failure(false, 0);
    }

    /** Whether it cannot be completed, and nothing comes behind it. */
    boolean isBroken() {
        return file != null && file.isBroken();
    }

    /**
     * Compares it with the answer that came.
     *
     * @param last whether nothing came behind it
     * @param mayBeCut whether the server had reason to end the connection early
     * @throws AssertionError if it is wrong
     */
    void verify(RawResponse got, boolean last, boolean mayBeCut) {
        if (status == 0) {
            if (got.status() < 400 || !got.saysClose()) {
                throw new AssertionError("A bad request was answered with " + got);
            }
            return;
        }
        if (mayBeCut && last && (got.status() == 408 || (got.status() == 503 && got.saysClose()))) {
            return; // the server waited too long for the rest of the request, or held too much input
        }
        if (got.status() != status) {
            throw new AssertionError("Not " + status + " but " + got);
        }
        if (isBroken() && (got.isComplete() || !last)) {
            throw new AssertionError("Of a file that could not be sent to its end came " + got);
        }
        boolean known = status == 200 && !toHead;
        // The server may end a stream that is open; any other answer is whole, or ends with the connection.
        boolean mayBePart = (mayBeCut && isStream) || (last && !got.isComplete());
        if (known && !matches(body.get(), got.text(), mayBePart)) {
            throw new AssertionError("Not " + body.get() + " but " + got + " " + got.text());
        }
    }

    private static boolean matches(String wanted, String text, boolean mayBePart) {
        return wanted.equals(text) || (mayBePart && wanted.startsWith(text));
    }
}
