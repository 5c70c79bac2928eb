package org.httpkit.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.httpkit.server.Message;
import org.junit.jupiter.api.Test;

/** How messages, ids, names and commands are written and read. */
class FormTest {

    @Test
    void makesEachFormOfAMessageOnce() {
        Entry entry = new Entry(new Topic("a", 0), 7, Message.text("hi"), 0);
        for (Form form : Form.values()) {
            assertThat(entry.in(form, "e")).isSameAs(entry.in(form, "e"));
        }
        assertThat(entry.in(Form.RAW, "e")).isSameAs(entry.message);
    }

    @Test
    void writesAnyTextAsJson() {
        assertThat(Json.quoted("a\"b\\c\n\r\t\u0001é😀\uD800x\uDC00"))
                .isEqualTo("\"a\\\"b\\\\c\\n\\r\\t\\u0001é😀\\ud800x\\udc00\"");
    }

    @Test
    void readsTheIdsThatItWritesAndNoOthers() {
        MessageId id = new MessageId("e1", Long.MAX_VALUE);
        assertThat(MessageId.parse(id.toString())).isEqualTo(id);
        for (String text : List.of("", "e", "-", "e-", "-1", "e--1", "e-1x", "é-1", "e-9223372036854775808", "e-1-1")) {
            assertThat(MessageId.parse(text)).as(text).isNull();
        }
        assertThatThrownBy(() -> new MessageId("e", -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MessageId("e-", 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readsCommands() {
        assertThat(TextProtocol.parse("subscribe a b a", 3, 10)).isNotNull().satisfies(command -> {
            assertThat(command.verb()).isEqualTo(TextProtocol.Verb.SUBSCRIBE);
            assertThat(command.topics()).containsExactly("a", "b");
            assertThat(command.after()).isNull();
        });
        assertThat(TextProtocol.parse("resume e-5 a", 3, 10)).isNotNull().satisfies(command -> {
            assertThat(command.verb()).isEqualTo(TextProtocol.Verb.RESUME);
            assertThat(command.after()).isEqualTo(new MessageId("e", 5));
        });
        assertThat(TextProtocol.parse("resume all a", 3, 10))
                .isNotNull()
                .satisfies(command -> assertThat(command.after()).isSameAs(TopicTable.ALL));
        assertThat(TextProtocol.parse("send  x ", 3, 10)).isNotNull().satisfies(command -> assertThat(command.text())
                .isEqualTo(" x "));
        for (String text : List.of(
                "",
                "subscribe",
                "resume",
                "resume e-1",
                "send",
                "SUBSCRIBE a",
                "subscribe a b c d",
                "subscribe a abcdefghijk")) {
            assertThat(TextProtocol.parse(text, 3, 10)).as(text).isNull();
        }
    }

    @Test
    void takesNamesThatFitInAllForms() {
        assertThat(TopicNames.isLegal("room.7/é", 20)).isTrue();
        for (String name :
                List.of("", "a b", "a\n", "a\u00a0", "a\u2028", "\uD800", "stale", "message", "x".repeat(21))) {
            assertThat(TopicNames.isLegal(name, 20)).as(name).isFalse();
        }
    }
}
