package org.httpkit.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.httpkit.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses in text form; what is refused in detail, the documents of the PROXY protocol list. */
class IpAddressTest {

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 0.0.0.0",
        "255.255.255.255, 255.255.255.255",
        "::, 0:0:0:0:0:0:0:0",
        "::1, 0:0:0:0:0:0:0:1",
        "1::, 1:0:0:0:0:0:0:0",
        "1::8, 1:0:0:0:0:0:0:8",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
        "FE80::aBcD, fe80:0:0:0:0:0:0:abcd",
        "64:ff9b::192.0.2.33, 64:ff9b:0:0:0:0:c000:221",
        "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304",
        "::ffff:1.2.3.4, 1.2.3.4",
        "::FFFF:102:304, 1.2.3.4"
    })
    void readsEachForm(String text, String address) {
        InetAddress parsed = IpAddress.parse(text);
        assertThat(parsed).isNotNull();
        assertThat(parsed.getHostAddress()).isEqualTo(address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ".",
                "1",
                "1.2.3",
                "1.2.3.4.5",
                "01.2.3.4",
                "1.2.3.4 ",
                " 1.2.3.4",
                "1.2.3.1000",
                "1..2.3",
                "a.b.c.d",
                ":",
                ":::",
                "1:",
                ":1",
                "1::2::3",
                "::1::",
                "1:2:3:4:5:6:7:8:",
                "::1:2:3:4:5:6:7:8",
                "1:2:3:4:5:6:7:1.2.3.4",
                "::1.2.3.4:5",
                "1.2.3.4::",
                "::01.2.3.4",
                "::1%1",
                "[::1]",
                "00000::",
                "::-1",
                "::+1",
                "localhost",
                "\u0661.2.3.4"
            })
    void readsNothingElse(String text) {
        assertThat(IpAddress.parse(text)).isNull();
    }

    @Test
    void readsWhatJavaWrites() throws UnknownHostException {
        Random random = Seeds.random();
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
            random.nextBytes(bytes);
            InetAddress address = InetAddress.getByAddress(bytes);
            assertThat(IpAddress.parse(address.getHostAddress())).isEqualTo(address);
        }
    }

    @Test
    void agreesWithJavaWhereverItTakesDamagedText() throws UnknownHostException {
        Random random = Seeds.random();
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(16); length >= 0; length--) {
                text.append("0129afF::::..".charAt(random.nextInt(13)));
            }
            InetAddress address = IpAddress.parse(text.toString());
            if (address != null) {
                // Brackets keep what holds a colon from being looked up; four numbers never are.
                boolean isText4 = text.indexOf(":") < 0;
                InetAddress expected = InetAddress.getByName(isText4 ? text.toString() : "[" + text + "]");
                assertThat(address).as("%s", text).isEqualTo(expected);
                assertThat(!isText4 || address instanceof Inet4Address).isTrue();
            }
        }
    }
}
