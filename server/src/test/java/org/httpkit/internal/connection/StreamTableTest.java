package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.http2.HpackEncoder;
import org.httpkit.internal.http2.OddFrames;
import org.httpkit.internal.http2.StreamState;
import org.httpkit.internal.net.FakeLoop;
import org.httpkit.internal.net.FakeWire;
import org.httpkit.internal.net.Link;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.junit.jupiter.api.Test;

/** The open streams of a connection, found by number. */
final class StreamTableTest {
    private final Link link = new Link(new FakeLoop(), new FakeWire());
    private final ServerContext context = ServerContext.of(
            HttpServer.builder().handler(request -> Response.of(200)).options(),
            Runnable::run,
            new ServerObserver() {});
    private final StreamScheduler scheduler = new StreamScheduler(
            link,
            new StreamScheduler.Owner() {
                @Override
                public void streamsEnded() {}

                @Override
                public void heldBack() {}

                @Override
                public void streamsStuck() {}
            },
            new OddFrames(0));
    private final StreamTable table = new StreamTable();

    private Http2Stream stream(int id) {
        RequestHead head = RequestHead.of("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return new Http2Stream(null, context, scheduler, new HpackEncoder(), id, StreamState.OPEN, 65_535, head, 0);
    }

    @Test
    void forgetsTheLastStreamWhenItIsRemoved() {
        table.put(stream(1));
        table.remove(1);
        Http2Stream next = stream(3);
        table.put(next);

        assertThat(table).containsExactly(next);
        assertThat(table.get(1)).isNull();
    }

    @Test
    void findsAStreamByItsNumber() {
        Http2Stream one = stream(1);
        Http2Stream seventeen = stream(17); // at the same place
        Http2Stream three = stream(3);
        table.put(one);
        table.put(seventeen);
        table.put(three);

        assertThat(table.get(1)).isSameAs(one);
        assertThat(table.get(17)).isSameAs(seventeen);
        assertThat(table.get(3)).isSameAs(three);
        assertThat(table.get(5)).isNull();
        assertThat(table.get(33)).isNull();
        assertThat(table.size()).isEqualTo(3);
    }

    @Test
    void closesTheGapThatARemovedStreamLeaves() {
        table.put(stream(1));
        Http2Stream seventeen = stream(17);
        table.put(seventeen);
        Http2Stream three = stream(3);
        table.put(three);

        table.remove(1);
        table.remove(99);

        assertThat(table.get(1)).isNull();
        assertThat(table.get(17)).isSameAs(seventeen);
        assertThat(table.get(3)).isSameAs(three);
        assertThat(table.size()).isEqualTo(2);
    }

    @Test
    void holdsNoArrayAtRest() {
        assertThat(table.slots()).isZero();
        table.put(stream(1));
        assertThat(table.slots()).isEqualTo(8);
        table.rest();
        assertThat(table.slots()).isEqualTo(8);

        table.remove(1);
        assertThat(table.slots()).isZero();
        table.rest();
        table.put(stream(3));
        assertThat(table.get(3)).isNotNull();
        assertThat(table.get(1)).isNull();
    }

    @Test
    void iteratesOverTheStreamsThatAreThereWhenItBegins() {
        table.put(stream(1));
        table.put(stream(3));
        List<Integer> ids = new ArrayList<>();
        for (Http2Stream each : table) {
            ids.add(each.id);
            table.remove(1);
            table.remove(3);
        }

        assertThat(ids).containsExactly(1, 3);
        Iterator<Http2Stream> none = table.iterator();
        assertThat(none.hasNext()).isFalse();
        assertThatThrownBy(none::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void doesWhatAMapDoes() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Map<Integer, Http2Stream> map = new HashMap<>();
        for (int i = 0; i < 3000; i++) {
            int id = 1 + 2 * random.nextInt(120);
            if (map.containsKey(id)) {
                table.remove(id);
                map.remove(id);
            } else {
                Http2Stream added = stream(id);
                table.put(added);
                map.put(id, added);
            }
            int asked = 1 + 2 * random.nextInt(120);
            assertThat(table.get(asked)).as("seed " + seed).isSameAs(map.get(asked));
            assertThat(table.size()).isEqualTo(map.size());
            if (i % 100 == 0) {
                assertThat(table).containsExactlyInAnyOrderElementsOf(map.values());
                long slots = 0;
                for (int slot = 0; slot < table.slots(); slot++) {
                    slots += table.slot(slot) == null ? 0 : 1;
                }
                assertThat(slots).isEqualTo(map.size());
            }
        }
    }
}
