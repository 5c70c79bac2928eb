package org.httpkit.internal.net;

import java.net.SocketAddress;

/**
 * What all loops of a server share. Safe from any thread.
 *
 * @param address the listener's address, under its public name
 * @param backlog counts the bytes that wait for peers
 */
record LoopSurroundings(
        SocketAddress address,
        Admission admission,
        Traffic traffic,
        OutputBudget backlog,
        InputBudget inputBudget,
        BlockingThreads blockingThreads,
        Standby standby,
        NetObserver observer) {}
