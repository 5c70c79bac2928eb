package org.httpkit.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.httpkit.server.Response;
import org.httpkit.server.ServerStats;
import org.junit.jupiter.api.Test;

/** What is made of two looks at a server. */
class FiguresTest {
    private static final Instant AT = Instant.ofEpochMilli(1_767_268_800_000L);

    @Test
    void tellsGrowthBySecondAndPercentilesInMilliseconds() throws Exception {
        Histogram micros = new Histogram(3);
        for (int i = 1; i <= 100; i++) {
            micros.recordValue(10L * i);
        }
        try (Site site = new Site(request -> Response.of(request.path().equals("/fine") ? 200 : 503))) {
            site.get("/fine");
            ServerStats before = settled(site);
            for (int i = 0; i < 6; i++) {
                site.get(i < 4 ? "/fine" : "/bad");
            }
            ServerStats now = settled(site);

            Figures figures = Figures.between(List.of(before), List.of(now), 2, taken(micros), AT);

            assertThat(figures.json())
                    .matches("\\{\"at\":1767268800000,\"connections\":1,\"running\":0,\"requests\":3.0,"
                            + "\"responses\":\\[2.0,0.0,0.0,1.0],\"read\":[1-9]\\d+,\"written\":[1-9]\\d+,"
                            + "\"latency\":\\[0.500,0.900,0.990,1.000],\"parts\":\\[0.505,0.505,0.505]}");
            assertThat(figures.closes()).startsWith("{\"CLOSED\":0,").endsWith("}");
        }
    }

    private static Latencies.Taken taken(Histogram micros) {
        return new Latencies.Taken(micros, micros, micros, micros);
    }

    /** A client may have its answer before the server has counted it. */
    private static ServerStats settled(Site site) {
        ServerStats stats = site.server.stats();
        while (stats.exchangesRunning() > 0) {
            stats = site.server.stats();
        }
        return stats;
    }

    @Test
    void addsUpWhatServersTell() throws Exception {
        try (Site one = new Site(request -> Response.of(200));
                Site other = new Site(request -> Response.of(503))) {
            one.get("/");
            List<ServerStats> before = List.of(settled(one));
            one.get("/");
            other.get("/");

            Figures figures =
                    Figures.between(before, List.of(settled(one), settled(other)), 1, taken(new Histogram(3)), AT);

            assertThat(figures.json())
                    .contains("\"connections\":2,", "\"requests\":2.0,\"responses\":[1.0,0.0,0.0,1.0]");
        }
    }

    @Test
    void tellsNoLatencyOfNoRequests() throws Exception {
        try (Site site = new Site(request -> null)) {
            ServerStats stats = site.server.stats();

            assertThat(Figures.between(List.of(stats), List.of(stats), 1, taken(new Histogram(3)), AT)
                            .json())
                    .contains("\"requests\":0.0", "\"latency\":null,\"parts\":null");
        }
    }
}
