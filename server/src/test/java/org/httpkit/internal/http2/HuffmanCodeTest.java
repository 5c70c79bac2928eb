package org.httpkit.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HuffmanCodeTest {
    private static final int SYMBOLS = 257;

    /** Rows of RFC 7541 appendix B: of each length its first code and its last, and some in between. */
    @ParameterizedTest
    @CsvSource({
        "48, 0x0, 5",
        "49, 0x1, 5",
        "97, 0x3, 5",
        "116, 0x9, 5",
        "32, 0x14, 6",
        "117, 0x2d, 6",
        "58, 0x5c, 7",
        "122, 0x7b, 7",
        "38, 0xf8, 8",
        "90, 0xfd, 8",
        "33, 0x3f8, 10",
        "63, 0x3fc, 10",
        "39, 0x7fa, 11",
        "124, 0x7fc, 11",
        "35, 0xffa, 12",
        "62, 0xffb, 12",
        "0, 0x1ff8, 13",
        "126, 0x1ffd, 13",
        "94, 0x3ffc, 14",
        "125, 0x3ffd, 14",
        "60, 0x7ffc, 15",
        "123, 0x7ffe, 15",
        "92, 0x7fff0, 19",
        "208, 0x7fff2, 19",
        "128, 0xfffe6, 20",
        "226, 0xfffed, 20",
        "153, 0x1fffdc, 21",
        "230, 0x1fffe8, 21",
        "129, 0x3fffd2, 22",
        "233, 0x3fffeb, 22",
        "1, 0x7fffd8, 23",
        "239, 0x7ffff4, 23",
        "9, 0xffffea, 24",
        "237, 0xfffff5, 24",
        "199, 0x1ffffec, 25",
        "235, 0x1ffffef, 25",
        "192, 0x3ffffe0, 26",
        "255, 0x3ffffee, 26",
        "203, 0x7ffffde, 27",
        "254, 0x7fffff0, 27",
        "2, 0xfffffe2, 28",
        "249, 0xffffffe, 28",
        "10, 0x3ffffffc, 30",
        "13, 0x3ffffffd, 30",
        "22, 0x3ffffffe, 30",
        "256, 0x3fffffff, 30"
    })
    void hasTheCodesOfTheStandard(int symbol, String code, int length) {
        assertThat(HuffmanCode.CODE[symbol]).isEqualTo(Integer.decode(code));
        assertThat(HuffmanCode.LENGTH[symbol]).isEqualTo((byte) length);
    }

    @Test
    void leavesNoCodeUnused() {
        BigInteger used = BigInteger.ZERO;
        for (int symbol = 0; symbol < SYMBOLS; symbol++) {
            used = used.add(BigInteger.ONE.shiftLeft(30 - HuffmanCode.LENGTH[symbol]));
        }
        assertThat(used).isEqualTo(BigInteger.ONE.shiftLeft(30));
    }

    @Test
    void hasNoCodeThatBeginsAnother() {
        Map<String, Integer> codes = new HashMap<>();
        for (int symbol = 0; symbol < SYMBOLS; symbol++) {
            codes.put(bits(symbol), symbol);
        }
        assertThat(codes).hasSize(SYMBOLS);
        for (String code : codes.keySet()) {
            for (int length = 1; length < code.length(); length++) {
                assertThat(codes).doesNotContainKey(code.substring(0, length));
            }
        }
    }

    /** Behind any code the machine begins anew, wherever in a byte it ends. */
    @Test
    void decodesEachSymbolBehindEachOther() {
        for (int first = 0; first < 256; first++) {
            for (int second = 0; second < 256; second += 5) {
                assertThat(decode(bits(first) + bits(second) + bits('0') + bits('0')))
                        .startsWith(text(first) + text(second) + "0");
            }
        }
    }

    @Test
    void failsAtTheEndOfString() {
        for (int symbol = 0; symbol < 256; symbol++) {
            assertThat(decode(bits(symbol) + bits(HuffmanCode.END_OF_STRING) + "1111"))
                    .endsWith("!");
        }
    }

    @Test
    void mayEndWithUpToSevenOnes() {
        for (int ones = 0; ones <= 16; ones++) {
            int state = HuffmanCode.START;
            // Whole steps of four bits: a symbol of five, six or seven bits in front makes them fit.
            String text =
                    (ones % 4 == 3 ? bits('0') : ones % 4 == 2 ? bits(' ') : ones % 4 == 1 ? bits(':') : bits('&'))
                            + "1".repeat(ones);
            for (int at = 0; at < text.length(); at += 4) {
                state = HuffmanCode.MACHINE[state << 4 | Integer.parseInt(text.substring(at, at + 4), 2)]
                        & HuffmanCode.STATE;
            }
            assertThat(HuffmanCode.mayEnd(state)).as("%d ones", ones).isEqualTo(ones <= 7);
        }
    }

    @Test
    void mayNotEndWithinAnotherCode() {
        int state = HuffmanCode.MACHINE[HuffmanCode.START << 4 | 0b1110] & HuffmanCode.STATE;

        assertThat(HuffmanCode.mayEnd(state)).isFalse();
    }

    private static String bits(int symbol) {
        String bits = Integer.toBinaryString(HuffmanCode.CODE[symbol]);
        return "0".repeat(HuffmanCode.LENGTH[symbol] - bits.length()) + bits;
    }

    private static String text(int symbol) {
        return String.valueOf((char) symbol);
    }

    /** The text that whole steps of four bits come to, and an exclamation mark, which must not be in it, for a failure. */
    private static String decode(String bits) {
        StringBuilder text = new StringBuilder();
        int state = HuffmanCode.START;
        for (int at = 0; at + 4 <= bits.length(); at += 4) {
            int entry = HuffmanCode.MACHINE[state << 4 | Integer.parseInt(bits.substring(at, at + 4), 2)];
            if ((entry & HuffmanCode.FAILURE) != 0) {
                return text + "!";
            }
            if ((entry & HuffmanCode.SYMBOL) != 0) {
                text.append((char) (entry >>> HuffmanCode.SYMBOL_SHIFT));
            }
            state = entry & HuffmanCode.STATE;
        }
        return text.toString();
    }
}
