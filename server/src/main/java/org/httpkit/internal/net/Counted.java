package org.httpkit.internal.net;

/** What a link counts as, in one reference, since each connection has it: one of a client's, or one that holds input besides. */
sealed interface Counted permits ClientCounts.Count, InputBudget.Holding {}
