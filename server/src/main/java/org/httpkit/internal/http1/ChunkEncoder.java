package org.httpkit.internal.http1;

import org.httpkit.internal.bytes.ByteQueue;

public final class ChunkEncoder {
    public static void append(ByteQueue q, byte[] b, int o, int n) {
        q.appendHex(n);
        q.appendLatin1("\r\n");
        q.append(b, o, n);
        q.appendLatin1("\r\n");
    }

    public static void appendLast(ByteQueue q) {
        q.appendLatin1("0\r\n\r\n");
    }
}
