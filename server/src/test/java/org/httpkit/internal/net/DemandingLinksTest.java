package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class DemandingLinksTest {
    private final DemandingLinks links = new DemandingLinks();
    private final Link first = link();
    private final Link second = link();

    private static Link link() {
        return new Link(new FakeLoop(), new FakeWire());
    }

    @Test
    void eachHasItsTurnInOrderOfArrivalHoweverOftenItArrives() {
        links.add(first);
        links.add(second);
        links.add(first);

        assertThat(links.next()).isSameAs(first);
        links.add(first);
        assertThat(links.next()).isSameAs(second);
        assertThat(links.next()).isSameAs(first);
        assertThat(links.next()).isNull();
        assertThat(links.isEmpty()).isTrue();
    }
}
