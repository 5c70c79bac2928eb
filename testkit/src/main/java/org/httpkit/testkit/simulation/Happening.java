package org.httpkit.testkit.simulation;

/** Events that simulations have to meet, so that their checks mean anything. */
public enum Happening {
    CALL_ON_LOOP("calls made on loops"),
    LOOP_LOST("of which lost theirs"),
    BODY_READ("bodies read while they came"),
    BODY_BROKEN_OFF("that broke off"),
    CONTINUE("clients told to go on with a body"),
    REST_KEPT("that kept one nobody wanted"),
    BROADCAST("broadcasts to more than five channels"),
    FILE_OPENED("files opened and sent, or as much of them as was wanted"),
    FILE_BROKEN("that could not be"),
    CLIENT_SHED("clients shed"),
    INPUT_SHED("clients sent away for what they had sent"),
    STREAM("streams of HTTP/2"),
    STREAM_RESET("that their clients reset"),
    GOAWAY("connections of HTTP/2 that the server told to end");

    private final String text;

    Happening(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
