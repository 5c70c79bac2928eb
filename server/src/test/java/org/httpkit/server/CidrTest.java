package org.httpkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.httpkit.http.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks of addresses: what is in them and what is no block. */
class CidrTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "10.0.0.0/8, 9.255.255.255, false",
        "172.16.0.0/12, 172.31.255.255, true",
        "172.16.0.0/12, 172.32.0.0, false",
        "192.0.2.128/25, 192.0.2.128, true",
        "192.0.2.128/25, 192.0.2.127, false",
        "192.0.2.4/31, 192.0.2.5, true",
        "192.0.2.4/31, 192.0.2.6, false",
        "0.0.0.0/0, 255.1.2.3, true",
        "0.0.0.0/0, ::1, false",
        "::/0, 10.0.0.1, false",
        "::/0, 2001:db8::1, true",
        "10.0.0.1, 10.0.0.1, true",
        "10.0.0.1, 10.0.0.2, false",
        "10.0.0.1/32, 10.0.0.1, true",
        "::1, ::1, true",
        "::1/128, ::2, false",
        "fd00::/8, fdff:ffff::1, true",
        "fd00::/8, fe00::1, false",
        "2001:db8:8000::/33, 2001:db8:ffff::, true",
        "2001:db8:8000::/33, 2001:db8:7fff::, false",
        "::ffff:10.0.0.0/104, 10.1.2.3, true",
        "::ffff:10.0.0.0/104, 11.1.2.3, false",
        "::ffff:10.0.0.1, 10.0.0.1, true",
        "::ffff:0:0/96, 192.0.2.1, true"
    })
    void containsTheAddressesWithItsPrefix(String block, String address, boolean contained) {
        InetAddress parsed = IpAddress.parse(address);
        assertThat(parsed).isNotNull();
        assertThat(Cidr.of(block).contains(parsed)).isEqualTo(contained);
    }

    @Test
    void unixHasNoAddress() {
        assertThat(Cidr.of("unix:")).isSameAs(Cidr.UNIX);
        assertThat(Cidr.UNIX.contains(IpAddress.parse("127.0.0.1"))).isFalse();
        assertThat(Cidr.UNIX.contains(IpAddress.parse("::1"))).isFalse();
        assertThat(Cidr.UNIX).isNotEqualTo(Cidr.of("0.0.0.0/0")).hasToString("unix:");
    }

    @Test
    void takesAMappedAddressForTheIpv4Address() throws UnknownHostException {
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 0, 0, 1};
        Inet6Address address = Inet6Address.getByAddress(null, mapped, -1);
        assertThat(Cidr.of("10.0.0.0/8").contains(address)).isTrue();
        assertThat(Cidr.of("::/0").contains(address)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/8",
                "localhost",
                "example.com/8",
                "10.0.0/8",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/+8",
                "10.0.0.0/08",
                "10.0.0.0/8/8",
                "10.0.0.0/a",
                "10.0.0.0/255.0.0.0",
                " 10.0.0.0/8",
                "10.0.0.0/8 ",
                "10.0.0.1/8",
                "::/129",
                "::1/64",
                "[::1]",
                "fe80::1%eth0",
                "fe80::%1/64",
                "::ffff:10.0.0.0/8",
                "010.0.0.0/8"
            })
    void refusesWhatIsNoBlock(String text) {
        assertThatThrownBy(() -> Cidr.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("The block of addresses is \"" + text + "\"; ");
    }

    @Test
    void saysWhatIsLegal() {
        assertThatThrownBy(() -> Cidr.of("proxy.local"))
                .hasMessage("The block of addresses is \"proxy.local\"; it must be an address such as 10.0.0.1 or ::1,"
                        + " a block such as 10.0.0.0/8 or fd00::/8, or unix:");
        assertThatThrownBy(() -> Cidr.of("10.0.0.0/40"))
                .hasMessage("The block of addresses is \"10.0.0.0/40\"; the length must be a number from 0 to 32");
        assertThatThrownBy(() -> Cidr.of("::ffff:10.0.0.0/8")).hasMessageContaining("from 96 to 128");
        assertThatThrownBy(() -> Cidr.of("10.0.0.1/8")).hasMessageContaining("no bit may be set behind the first 8");
    }

    @Test
    void isEqualByItsAddresses() {
        assertThat(Cidr.of("::1")).isEqualTo(Cidr.of("0:0::1/128")).hasSameHashCodeAs(Cidr.of("::1/128"));
        assertThat(Cidr.of("::ffff:10.0.0.0/104")).isEqualTo(Cidr.of("10.0.0.0/8"));
        assertThat(Cidr.of("10.0.0.0/8")).isNotEqualTo(Cidr.of("10.0.0.0/9")).hasToString("10.0.0.0/8");
    }
}
