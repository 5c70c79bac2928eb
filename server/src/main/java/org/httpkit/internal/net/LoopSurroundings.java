package org.httpkit.internal.net;

import java.net.SocketAddress;

/**
 * What all loops of a server share. Safe from any thread.
 *
 * @param address what the listener is bound to, under the name that others know it by
 * @param backlog where what waits for the peers is counted
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
