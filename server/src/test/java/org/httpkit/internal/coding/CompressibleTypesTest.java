package org.httpkit.internal.coding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompressibleTypesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/html; charset=utf-8",
                "TEXT/plain",
                "text/event-stream",
                "application/json",
                "application/problem+json",
                "application/xhtml+xml;q=1",
                "image/svg+xml",
                "font/ttf",
                "application/wasm",
                "application/x-model"
            })
    void containWhatShrinks(String type) {
        assertThat(CompressibleTypes.contain(type, Set.of("application/x-model")))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "image/png",
                "video/mp4",
                "application/octet-stream",
                "application/zip",
                "application/pdf",
                "font/woff2",
                "application/x-model",
                "application/",
                "json",
                ""
            })
    void doNotContainWhatDoesNot(String type) {
        assertThat(CompressibleTypes.contain(type, Set.of())).isFalse();
    }
}
