package org.httpkit.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;

/** Clients that make one attack again and again, as fast as they can, each on a new connection when the server ends its last one. */
final class Attackers {
    private final int port;
    private final StreamAttack attack;
    private final long endNanos;
    private final LongAdder connections = new LongAdder();
    private final LongAdder bytes = new LongAdder();

    private Attackers(int port, StreamAttack attack, long endNanos) {
        this.port = port;
        this.attack = attack;
        this.endNanos = endNanos;
    }

    /** Returns how many connections the clients opened, and how many bytes they sent, as two numbers with a space. */
    static String run(int port, StreamAttack attack, int clients, double seconds) throws InterruptedException {
        Attackers all = new Attackers(port, attack, System.nanoTime() + (long) (seconds * 1e9));
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            Thread thread = new Thread(all::attackOn, "attacker-" + i);
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return all.connections.sum() + " " + all.bytes.sum();
    }

    private void attackOn() {
        while (System.nanoTime() < endNanos) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setOption(StandardSocketOptions.SO_LINGER, 0);
                connections.increment();
                Thread reader = new Thread(() -> skip(socket), "reader");
                reader.setDaemon(true);
                reader.start();
                attackBy(socket, reader);
            } catch (IOException e) {
                // The server refuses the connection, or has ended it: the next one.
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void attackBy(Socket socket, Thread reader) throws IOException, InterruptedException {
        OutputStream out = socket.getOutputStream();
        out.write(attack.opening);
        bytes.add(attack.opening.length);
        IntFunction<byte[]> part = attack.part;
        for (int n = 0; part != null && reader.isAlive() && System.nanoTime() < endNanos; n++) {
            byte[] next = part.apply(n);
            out.write(next);
            bytes.add(next.length);
        }
        if (part == null) {
            reader.join(Math.max(1, (endNanos - System.nanoTime()) / 1_000_000));
        }
    }

    private static void skip(Socket socket) {
        byte[] some = new byte[64 << 10];
        try {
            InputStream in = socket.getInputStream();
            int count = 0;
            while (count >= 0) {
                count = in.read(some);
            }
        } catch (IOException e) {
            // Reset.
        }
    }
}
