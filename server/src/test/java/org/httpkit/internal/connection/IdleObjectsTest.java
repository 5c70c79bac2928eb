package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jol.datamodel.Model64;
import org.openjdk.jol.info.ClassLayout;
import org.openjdk.jol.layouters.HotSpotLayouter;

/**
 * How many bytes the objects take that an idle connection consists of, in a heap below 32 GiB on JDK 17 to 25. A field too many
 * can cost eight bytes of each connection.
 */
class IdleObjectsTest {
    private static final HotSpotLayouter LAYOUTER = new HotSpotLayouter(new Model64(true, true), 17);

    @ParameterizedTest
    @CsvSource({
        // each connection
        "net.Link, 64",
        "net.OutboundQueue, 48",
        "net.SocketTransport, 32",
        // HTTP
        "connection.Http1Connection, 48",
        "connection.Http1Intake, 48",
        "connection.Http1Deadlines, 32",
        // WebSocket
        "connection.WebSocketConnection, 56",
        "channel.RealChannel, 56",
        "channel.MessageOutput, 24",
        "channel.ListenerCalls, 32",
        "exchange.SavedRequest, 40",
    })
    void takesAtMost(String type, long bytes) throws ClassNotFoundException {
        ClassLayout layout = ClassLayout.parseClass(Class.forName("org.httpkit.internal." + type), LAYOUTER);

        assertThat(layout.instanceSize()).as(layout.toPrintable()).isLessThanOrEqualTo(bytes);
    }
}
