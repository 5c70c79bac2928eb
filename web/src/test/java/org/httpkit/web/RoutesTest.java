package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.httpkit.http.Method;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.httpkit.testkit.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutesTest {

    /** Answers with its name, and the parameters. */
    private static Handler named(String name) {
        return request -> Response.text(name + Params.of(request).toMap());
    }

    private static String ask(Handler routes, String method, String path) throws Exception {
        Response response = routes.handle(Requests.of(method, path));
        if (response == null) {
            return "404";
        }
        return response.body() instanceof ResponseBody.Text text
                ? text.text()
                : response.status().code() + " "
                        + (response.headers().first("Allow") == null
                                ? ""
                                : response.headers().first("Allow"));
    }

    private static Routes reading(String... templates) {
        Routes routes = Routes.of();
        for (String template : templates) {
            routes = routes.get(template, named(template));
        }
        return routes;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    /                       | /{}
                    /users                  | /users{}
                    /users/                 | 404
                    /users/7                | /users/{id}{id=7}
                    /users/me               | /users/me{}
                    /users/me/              | 404
                    /users/mexico           | /users/{id}{id=mexico}
                    /users/7/posts          | /users/{id}/posts{id=7}
                    /users/7/posts/         | 404
                    /users/me/posts         | /users/{id}/posts{id=me}
                    /files/                 | /files/{path...}{path=}
                    /files                  | 404
                    /files/a/b.txt          | /files/{path...}{path=a/b.txt}
                    /files/a//b/            | /files/{path...}{path=a//b/}
                    /files/index.html       | /files/index.html{}
                    /other                  | 404
                    //                      | 404
                    //users                 | 404
                    /Users                  | 404
                    /users//posts           | 404
                    """)
    void findsTheNarrowestRoute(String path, String answer) throws Exception {
        Routes routes = reading(
                "/files/{path...}",
                "/users/{id}/posts",
                "/users/{id}",
                "/users/me",
                "/users",
                "/",
                "/files/index.html");

        assertThat(ask(routes, "GET", path)).isEqualTo(answer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    /%75sers/a%20b          | /users/{id}{id=a b}
                    /users/a%2Fb            | /users/{id}{id=a/b}
                    /users/a%2fb%2F         | /users/{id}{id=a/b/}
                    /users/%2525            | /users/{id}{id=%25}
                    /users/a+b              | /users/{id}{id=a+b}
                    /users/%C3%A4           | /users/{id}{id=ä}
                    /users/%F0%9F%98%80     | /users/{id}{id=😀}
                    /users/%EF%BF%BD        | /users/{id}{id=\uFFFD}
                    /users/%EF%BF%BF        | /users/{id}{id=\uFFFF}
                    /users%007              | 404
                    /users%2F7              | 404
                    /users/%6De             | /users/me{}
                    /stra%C3%9Fe            | /straße{}
                    /files/a%2Fb/c%20d      | /files/{path...}{path=a/b/c d}
                    """)
    void decodesEachSegmentOnce(String path, String answer) throws Exception {
        Routes routes = reading("/users/{id}", "/users/me", "/straße", "/files/{path...}");

        assertThat(ask(routes, "GET", path)).isEqualTo(answer);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/users/%",
                "/users/%4",
                "/users/%zz",
                "/users/%+1",
                "/users/%٣٤",
                "/users/%C3",
                "/users/%C3%28",
                "/users/%C0%AF",
                "/users/%ED%A0%80",
                "/users/%F4%90%80%80",
                "/users/%EF%BF%BD%FF",
                "/files/%C3/%A4",
                "/nowhere/%ff",
                "/users/a%"
            })
    void refusesBrokenEscapes(String path) throws Exception {
        assertThat(ask(reading("/users/{id}"), "GET", path)).isEqualTo("400 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/users/..",
                "/users/.",
                "/users/%2e%2E",
                "/users/.%2e",
                "/users/%2e",
                "/files/../x",
                "/files/a/..",
                "/files/a/%2e%2e/b",
                "/files/./a",
                "/files/.."
            })
    void givesNoHandlerDotsAsAParameter(String path) throws Exception {
        assertThat(ask(reading("/users/{id}", "/files/{path...}"), "GET", path)).isEqualTo("404");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/users/...", "/users/.a", "/users/a.", "/users/..a"})
    void takesNamesWithDots(String path) throws Exception {
        assertThat(ask(reading("/users/{id}"), "GET", path)).startsWith("/users/{id}");
    }

    @Test
    void tellsTheSegmentsOfTheRest() throws Exception {
        Routes routes = Routes.of()
                .get(
                        "/files/{path...}",
                        request -> Response.text(
                                Params.of(request).segments("path").toString()));

        assertThat(ask(routes, "GET", "/files/a%2Fb/c%20d/")).isEqualTo("[a/b, c d, ]");
        assertThat(ask(routes, "GET", "/files/")).isEqualTo("[]");
    }

    @Test
    void choosesByMethod() throws Exception {
        Routes routes = Routes.of()
                .get("/a", named("get"))
                .post("/a", named("post"))
                .put("/a", named("put"))
                .patch("/a", named("patch"))
                .delete("/a", named("delete"))
                .route(Method.of("REPORT"), "/a", named("report"))
                .any("/b", named("any"))
                .get("/b", named("get b"));

        for (String method : List.of("get", "post", "put", "patch", "delete", "report")) {
            assertThat(ask(routes, method.toUpperCase(), "/a")).isEqualTo(method + "{}");
        }
        assertThat(ask(routes, "GET", "/b")).isEqualTo("get b{}");
        assertThat(ask(routes, "HEAD", "/b")).isEqualTo("get b{}");
        assertThat(ask(routes, "BREW", "/b")).isEqualTo("any{}");
        assertThat(ask(routes, "OPTIONS", "/b")).isEqualTo("any{}");
    }

    @Test
    void takesTheNarrowestRouteThatHasTheMethod() throws Exception {
        Routes routes = Routes.of()
                .get("/users/me", named("me"))
                .delete("/users/{id}", named("delete"))
                .post("/{rest...}", named("rest"));

        assertThat(ask(routes, "DELETE", "/users/me")).isEqualTo("delete{id=me}");
        assertThat(ask(routes, "POST", "/users/me")).isEqualTo("rest{rest=users/me}");
        assertThat(ask(routes, "PUT", "/users/me")).isEqualTo("405 GET, HEAD, DELETE, POST, OPTIONS");
    }

    @Test
    void answersHeadByGetUnlessThereIsHead() throws Exception {
        Routes routes =
                Routes.of().get("/a", named("get")).get("/b", named("get")).head("/b", named("head"));

        assertThat(ask(routes, "HEAD", "/a")).isEqualTo("get{}");
        assertThat(ask(routes, "HEAD", "/b")).isEqualTo("head{}");
    }

    @Test
    void saysWhatIsAllowed() throws Exception {
        Routes routes = Routes.of().get("/a", named("get")).post("/a", named("post"));

        assertThat(ask(routes, "DELETE", "/a")).isEqualTo("405 GET, HEAD, POST, OPTIONS");
        assertThat(ask(routes, "get", "/a")).isEqualTo("405 GET, HEAD, POST, OPTIONS");
        assertThat(ask(routes, "OPTIONS", "/a")).isEqualTo("204 GET, HEAD, POST, OPTIONS");
        assertThat(ask(routes, "OPTIONS", "/b")).isEqualTo("404");
        assertThat(ask(routes, "OPTIONS", "*")).isEqualTo("204 GET, HEAD, POST, OPTIONS");
        assertThat(ask(reading("/"), "GET", "*")).isEqualTo("405 GET, HEAD, OPTIONS");
    }

    @ParameterizedTest
    @CsvSource({
        "/users/{id}, /users/{name}",
        "/a, /a",
        "/{a}/b, /a/{b}",
        "/a/{rest...}, /{x}/b",
        "/{rest...}, /{others...}",
        "/users/{id}/posts, /users/me/{what}"
    })
    void refusesAmbiguousRoutesAndNamesBoth(String one, String other) {
        Routes routes = Routes.of().get(one, named("one"));

        assertThatThrownBy(() -> routes.get(other, named("other")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Ambiguous routes: some requests match both GET " + one + " and GET " + other);
        assertThat(routes.post(other, named("other"))).isNotNull();
    }

    @Test
    void hasNoRouteForConnectWhichHasNoPath() throws Exception {
        Routes routes = reading("/", "/{path...}");

        assertThat(routes.template(Requests.of("CONNECT", ""))).isNull();
        assertThat(routes.streamsBody(Requests.of("CONNECT", ""))).isFalse();
        assertThat(ask(routes, "CONNECT", "")).isEqualTo("405 GET, HEAD, OPTIONS");
    }

    @Test
    void refusesAmbiguousRoutesOfMounts() {
        Routes api = Routes.of().get("/{id}", named("api"));
        Routes routes = Routes.of().get("/users/{name}", named("own"));

        assertThatThrownBy(() -> routes.mount("/users", api)).hasMessageContaining("/users/{name} and GET /users/{id}");
    }

    @Test
    void refusesAnyMethodThatCrossesAnother() {
        Routes routes = Routes.of().any("/{a}/b", named("any"));

        assertThatThrownBy(() -> routes.get("/a/{b}", named("get")))
                .hasMessageContaining("both * /{a}/b and GET /a/{b}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "users",
                "/a//b",
                "/{a",
                "/a}",
                "/{}",
                "/{a}.json",
                "/{a...}/b",
                "/{a}/{a}",
                "/a%20b",
                "/a?b",
                "/../a",
                "/./a",
                "/{a b}"
            })
    void refusesMalformedTemplates(String template) {
        assertThatThrownBy(() -> Routes.of().get(template, named("a")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Template " + template + ": ");
    }

    @Test
    void mountsRoutesBelowAPrefix() throws Exception {
        Routes users =
                Routes.of().get("", named("all")).get("/", named("slash")).get("/{id}", named("one"));
        Routes api = Routes.of().mount("/tenants/{tenant}/users", users).get("/status", named("status"));
        Routes routes = Routes.of().mount("/api", api).get("/", named("home"));

        assertThat(ask(routes, "GET", "/api/tenants/x/users")).isEqualTo("all{tenant=x}");
        assertThat(ask(routes, "GET", "/api/tenants/x/users/")).isEqualTo("slash{tenant=x}");
        assertThat(ask(routes, "GET", "/api/tenants/x/users/7")).isEqualTo("one{tenant=x, id=7}");
        assertThat(ask(routes, "GET", "/api/status")).isEqualTo("status{}");
        assertThat(ask(routes, "GET", "/status")).isEqualTo("404");
        assertThat(routes.template(Requests.of("GET", "/api/tenants/x/users/7")))
                .isEqualTo("/api/tenants/{tenant}/users/{id}");
    }

    @Test
    void refusesAPrefixBelowWhichNothingCanStand() {
        Routes some = reading("/a");

        assertThatThrownBy(() -> Routes.of().mount("/api/", some)).hasMessageContaining("/api/");
        assertThatThrownBy(() -> Routes.of().mount("/{all...}", some)).hasMessageContaining("{all...}");
        assertThatThrownBy(() -> Routes.of().mount("/{a}", reading("/{a}"))).hasMessageContaining("twice");
    }

    private static Filter noting(String name) {
        return (request, next) -> {
            Response response = next.handle(request);
            String inner = response == null
                    ? "404"
                    : response.body() instanceof ResponseBody.Text text
                            ? text.text()
                            : Integer.toString(response.status().code());
            return Response.text(name + "(" + inner + ")");
        };
    }

    @Test
    void runsFiltersAroundEverythingOfTheirRoutes() throws Exception {
        Routes inner = Routes.of().with(noting("in")).get("/x", named("x"));
        Routes routes = Routes.of()
                .get("/early", named("early"))
                .with(noting("out"))
                .with(noting("mid"))
                .mount("/inner", inner)
                .get("/late", named("late"));

        assertThat(ask(routes, "GET", "/early")).isEqualTo("out(mid(early{}))");
        assertThat(ask(routes, "GET", "/late")).isEqualTo("out(mid(late{}))");
        assertThat(ask(routes, "GET", "/inner/x")).isEqualTo("out(mid(in(x{})))");
        assertThat(ask(routes, "POST", "/inner/x")).isEqualTo("out(mid(in(405)))");
        assertThat(ask(routes, "OPTIONS", "/inner/x")).isEqualTo("out(mid(in(204)))");
        assertThat(ask(routes, "GET", "/inner/none")).isEqualTo("out(mid(in(404)))");
        assertThat(ask(routes, "GET", "/inner")).isEqualTo("out(mid(in(404)))");
        assertThat(ask(routes, "GET", "/none")).isEqualTo("out(mid(404))");
        assertThat(ask(routes, "GET", "/%")).isEqualTo("out(mid(400))");
        assertThat(ask(routes, "POST", "/late")).isEqualTo("out(mid(405))");
    }

    @Test
    void answersOtherwiseByTheNearest() throws Exception {
        Routes plain = Routes.of().get("/a", named("a"));
        Routes own = Routes.of().get("/a", named("a")).otherwise(request -> Response.text("own"));
        Routes routes =
                Routes.of().mount("/plain", plain).mount("/own", own).otherwise(request -> Response.text("top"));

        assertThat(ask(routes, "GET", "/none")).isEqualTo("top");
        assertThat(ask(routes, "GET", "/plain/none")).isEqualTo("top");
        assertThat(ask(routes, "GET", "/own/none/deep")).isEqualTo("own");
        assertThat(ask(routes, "POST", "/own/a")).startsWith("405");
    }

    @Test
    void isNotChangedByAdding() throws Exception {
        Routes base = reading("/a");
        Routes more = base.get("/b", named("b"));

        assertThat(ask(base, "GET", "/b")).isEqualTo("404");
        assertThat(ask(more, "GET", "/b")).isEqualTo("b{}");
    }

    @Test
    void namesWhatIsNull() {
        assertThatThrownBy(() -> Routes.of().get("/a", null)).hasMessage("handler");
        assertThatThrownBy(() -> Routes.of().route(null, "/a", named("a"))).hasMessage("method");
    }

    @Test
    void asksTheRoutesHandlerWhetherItStreams() {
        Routes routes = Routes.of()
                .with(noting("around"))
                .post("/up/{id}", Handler.streaming(named("up")))
                .post("/form", named("form"));

        assertThat(routes.streamsBody(Requests.of("POST", "/up/7"))).isTrue();
        assertThat(routes.streamsBody(Requests.of("POST", "/form"))).isFalse();
        assertThat(routes.streamsBody(Requests.of("GET", "/up/7"))).isFalse();
        assertThat(routes.streamsBody(Requests.of("POST", "/%"))).isFalse();
    }

    @Test
    void tellsParametersThroughOtherWrappers() throws Exception {
        Filter wrapping = (request, next) -> next.handle(new RequestWrapper(request) {});
        Handler routes = Routes.of().get("/{id}", wrapping.around(named("a")));

        assertThat(ask(routes, "GET", "/7")).isEqualTo("a{id=7}");
    }

    @Test
    void tellsWhoAsksForAParameterThatIsNotThere() {
        Request request = new RoutedRequest(Requests.of("GET", "/users/7"), PathTemplate.of("/users/{id}"));

        assertThatThrownBy(() -> Params.of(request).get("name"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The template /users/{id} has no parameter name");
        assertThatThrownBy(() -> Params.of(Requests.of("GET", "/users/7"))).isInstanceOf(IllegalStateException.class);
        assertThat(Params.of(request).toMap()).isEqualTo(Map.of("id", "7"));
        assertThat(Params.of(request).template()).isEqualTo("/users/{id}");
    }

    /** The narrowest of those that match, which a slow look at each of them tells. */
    @Test
    void findsWhatASlowSearchFinds() throws Exception {
        for (long seed : Seeds.of(1, 2, 3)) {
            Random random = Seeds.random(seed);
            Routes routes = Routes.of();
            List<PathTemplate> templates = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                String template = template(random);
                try {
                    routes = routes.get(template, named(template));
                    templates.add(PathTemplate.of(template));
                } catch (IllegalArgumentException ambiguous) {
                    continue;
                }
            }
            for (int i = 0; i < 500; i++) {
                String path = path(random);
                PathTemplate best = null;
                for (PathTemplate template : templates) {
                    if (matches(template, path)
                            && (best == null || template.to(best) == PathTemplate.Relation.NARROWER)) {
                        best = template;
                    }
                }
                assertThat(routes.template(Requests.of("GET", path)))
                        .as("path %s of %s", path, templates)
                        .isEqualTo(best == null ? null : best.toString());
            }
        }
    }

    private static boolean matches(PathTemplate template, String path) {
        String[] parts = path.substring(1).split("/", -1);
        List<PathTemplate.Segment> segments = template.segments();
        for (int i = 0; i < segments.size(); i++) {
            if (i >= parts.length) {
                return false;
            }
            switch (segments.get(i).kind()) {
                case REST -> {
                    return true;
                }
                case PARAMETER -> {
                    if (parts[i].isEmpty()) {
                        return false;
                    }
                }
                case LITERAL -> {
                    if (!parts[i].equals(segments.get(i).text())) {
                        return false;
                    }
                }
            }
        }
        return parts.length == segments.size();
    }

    private static String template(Random random) {
        StringBuilder text = new StringBuilder();
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            boolean isLast = i == count - 1;
            text.append('/')
                    .append(
                            switch (random.nextInt(isLast ? 8 : 6)) {
                                case 0, 1 -> "{p" + i + "}";
                                case 6 -> "{rest...}";
                                case 7 -> "";
                                default -> literal(random);
                            });
        }
        return text.toString();
    }

    private static String path(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = 1 + random.nextInt(5); i > 0; i--) {
            text.append('/').append(random.nextInt(8) == 0 ? "" : literal(random));
        }
        return text.toString();
    }

    private static String literal(Random random) {
        return String.valueOf((char) ('a' + random.nextInt(4)));
    }
}
