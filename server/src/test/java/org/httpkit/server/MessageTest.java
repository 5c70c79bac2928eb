package org.httpkit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What is encoded once for many channels. */
class MessageTest {

    @Test
    void encodesEachFormOnce() {
        Message message = Message.text("grüß");
        byte[] frame = SharedForms.of(message).encoded(SharedForms.Form.FRAME, known -> new byte[] {1});
        assertThat(SharedForms.of(message).encoded(SharedForms.Form.FRAME, known -> new byte[] {2}))
                .isSameAs(frame);
        assertThat(message.bytes()).isSameAs(message.bytes()).isEqualTo("grüß".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void sharesItsFormsWithTheOneForMany() {
        Message message = Message.text("hi");
        Message many = message.forMany();
        assertThat(many.isForMany()).isTrue();
        assertThat(many.forMany()).isSameAs(many);
        assertThat(message.isForMany()).isFalse();
        assertThat(many.text()).isEqualTo("hi");
        assertThat(many.bytes()).isSameAs(message.bytes());
    }

    @Test
    void isMadeOnceOfAnEvent() {
        Event event = Event.of("one\ntwo").id("7");
        assertThat(event.encodedMessage()).isSameAs(event.encodedMessage());
        assertThat(new String(event.encodedMessage().bytes(), StandardCharsets.UTF_8))
                .isEqualTo(event.encoded())
                .isEqualTo("id: 7\ndata: one\ndata: two\n\n");
        assertThat(event.message()).isSameAs(event.message());
        assertThat(event.message()).isNotNull().extracting(Message::text).isEqualTo("one\ntwo");
        assertThat(Event.comment("alive").message()).isNull();
    }
}
