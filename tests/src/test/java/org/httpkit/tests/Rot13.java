package org.httpkit.tests;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.httpkit.server.ContentCoding;

/** A coding that servers of these tests find beside gzip. */
public final class Rot13 implements ContentCoding {
    @Override
    public String name() {
        return "x-rot13";
    }

    @Override
    public OutputStream encode(OutputStream coded) {
        return new FilterOutputStream(coded) {
            @Override
            public void write(int b) throws IOException {
                out.write(turned(b));
            }

            @Override
            public void close() throws IOException {
                out.write('.'); // shows that it was completed
                super.close();
            }
        };
    }

    @Override
    public InputStream decode(InputStream coded) {
        return new FilterInputStream(coded) {
            @Override
            public int read() throws IOException {
                int b = in.read();
                return b < 0 ? b : turned(b);
            }

            @Override
            public int read(byte[] target, int offset, int count) throws IOException {
                int taken = in.read(target, offset, count);
                for (int i = 0; i < taken; i++) {
                    target[offset + i] = (byte) turned(target[offset + i]);
                }
                return taken;
            }
        };
    }

    static String turned(String text) {
        StringBuilder turned = new StringBuilder();
        text.chars().forEach(c -> turned.append((char) turned(c)));
        return turned.toString();
    }

    private static int turned(int c) {
        if (c >= 'a' && c <= 'z') {
            return 'a' + (c - 'a' + 13) % 26;
        }
        return c >= 'A' && c <= 'Z' ? 'A' + (c - 'A' + 13) % 26 : c;
    }
}
