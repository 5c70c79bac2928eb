package org.httpkit.server;

public class Worker {
    public static Worker create() {
        return new Worker();
    }

    public java.util.concurrent.ExecutorService pool() {
        return java.util.concurrent.Executors.newFixedThreadPool(16);
    }
}
