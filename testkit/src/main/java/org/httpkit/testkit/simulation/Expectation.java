package org.httpkit.testkit.simulation;

import java.util.SplittableRandom;
import org.httpkit.testkit.RawResponse;
import org.jspecify.annotations.Nullable;

/** Whether a client sends {@code Expect: 100-continue}, and how it goes on then (RFC 9110 section 10.1.1). Immutable. */
enum Expectation {
    NONE(""),
    /** The body follows at once, or soon. */
    HURRIED("Expect: 100-continue\r\n"),
    /** The body follows when the server wants it. */
    PATIENT("Expect: 100-continue\r\n"),
    /** The handler does not read the body, so the server never asks for it. */
    UNHEARD("Expect: 100-continue\r\n");

    /** The field line, if there is one. */
    final String line;

    Expectation(String line) {
        this.line = line;
    }

    static Expectation choose(SplittableRandom random) {
        int dice = random.nextInt(6);
        return dice == 0 ? HURRIED : dice == 1 ? PATIENT : NONE;
    }

    /** Makes the client wait behind the head. */
    void begin(Requests requests, SplittableRandom random) {
        switch (this) {
            case NONE -> {}
            case HURRIED -> {
                if (random.nextBoolean()) {
                    requests.await(false);
                }
            }
            case PATIENT, UNHEARD -> requests.await(true);
        }
    }

    /**
     * Checks how often the server has sent 100.
     *
     * @param answer the answer that followed; null if none did
     * @throws AssertionError if it is wrong
     */
    void verify(int continues, @Nullable RawResponse answer) {
        int most = this == HURRIED || this == PATIENT ? 1 : 0;
        if (continues > most) {
            throw new AssertionError("100 was said " + continues + " times to a client that was " + this);
        }
        if (answer == null || answer.status() != 200) {
            return;
        }
        if (this == PATIENT && continues == 0) {
            throw new AssertionError("A body was read without its client being told to send it");
        }
        if (this == UNHEARD && !answer.saysClose()) {
            throw new AssertionError(
                    "Nobody knows whether a body follows or the next request, and the connection goes on");
        }
    }
}
