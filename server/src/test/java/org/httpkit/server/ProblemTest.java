package org.httpkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ProblemTest {

    @Test
    void saysWhatIsTheMatter() {
        Problem problem = Problem.of(409)
                .type("https://example.org/out-of-stock")
                .title("Out of stock")
                .detail("There are 2 left.")
                .instance("/orders/7")
                .with("left", 2)
                .with("price", 1.5)
                .with("final", true)
                .with("item", "pen");

        assertThat(problem)
                .hasToString("{\"status\":409,\"title\":\"Out of stock\",\"type\":\"https://example.org/out-of-stock\","
                        + "\"detail\":\"There are 2 left.\",\"instance\":\"/orders/7\",\"left\":2,\"price\":1.5,"
                        + "\"final\":true,\"item\":\"pen\"}");
        assertThat(problem.response().status().code()).isEqualTo(409);
        assertThat(problem.response().headers().all("Content-Type")).containsExactly("application/problem+json");
    }

    @Test
    void escapesWhatWouldEndAString() {
        assertThat(Problem.of(499).detail("\"\\\n\r\t\u0001</script>\u00e9\ud83d\ude00\ud800"))
                .hasToString("{\"status\":499,\"detail\":\"\\\"\\\\\\n\\r\\t\\u0001\\u003c/script>\u00e9"
                        + "\\ud83d\\ude00\\ud800\"}");
    }

    @Test
    void makesAStringOfWhatIsNoJson() {
        assertThat(Problem.of(499)
                        .with("a", Double.NaN)
                        .with("b", Float.POSITIVE_INFINITY)
                        .with("c", 'x'))
                .hasToString("{\"status\":499,\"a\":\"NaN\",\"b\":\"Infinity\",\"c\":\"x\"}");
    }

    @Test
    void isAPageForErrors() {
        assertThat(Problem.json(404, "Not Found", null).body())
                .isEqualTo(new ResponseBody.Text("{\"status\":404,\"title\":\"Not Found\"}"));
        assertThat(Problem.json(400, "A rule", null).body())
                .isEqualTo(new ResponseBody.Text("{\"status\":400,\"title\":\"Bad Request\",\"detail\":\"A rule\"}"));
    }

    @Test
    void refusesWhatHasAnotherMeaning() {
        assertThatThrownBy(() -> Problem.of(200)).hasMessageContaining("status is 200");
        assertThatThrownBy(() -> Problem.of(404).with("status", 1)).hasMessageContaining("name is status");
        assertThatThrownBy(() -> Problem.of(404).detail(null)).hasMessageContaining("detail");
    }
}
