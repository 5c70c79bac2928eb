package org.httpkit.server;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Every {@link Message}, with the forms that it has been encoded in. Safe from any thread. */
final class SharedMessage extends Message implements SharedForms {
    private static final int FORMS = Form.values().length;

    private final @Nullable String text;
    private final boolean many;
    private final AtomicReferenceArray<byte @Nullable []> encoded;

    private SharedMessage(@Nullable String text, boolean many, AtomicReferenceArray<byte @Nullable []> encoded) {
        this.text = text;
        this.many = many;
        this.encoded = encoded;
    }

    static Message ofText(String text) {
        return new SharedMessage(text, false, new AtomicReferenceArray<>(FORMS));
    }

    static Message ofBytes(byte[] bytes) {
        SharedMessage message = new SharedMessage(null, false, new AtomicReferenceArray<>(FORMS));
        message.encoded.set(Form.BYTES.slot, bytes);
        return message;
    }

    @Override
    public Message forMany() {
        return many ? this : new SharedMessage(text, true, encoded);
    }

    @Override
    public boolean isForMany() {
        return many;
    }

    @Override
    public boolean isText() {
        return text != null;
    }

    @Override
    public @Nullable String text() {
        return text;
    }

    @Override
    public byte[] bytes() {
        return encoded(Form.BYTES, message -> String.valueOf(message.text()).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public byte[] encoded(Form form, Function<Message, byte[]> encoder) {
        byte[] known = encoded.get(form.slot);
        if (known != null) {
            return known;
        }
        byte[] made = encoder.apply(this);
        byte[] earlier = encoded.compareAndExchange(form.slot, null, made);
        return earlier != null ? earlier : made;
    }
}
