package org.httpkit;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The walls between the rooms of the server: what each package must not know. */
class WallsTest {

    private static final String OURS = "org.httpkit..";
    private static final String INTERNALS = "org.httpkit.internal..";
    private static final String INTERNALS_ROOM = "org.httpkit.internal.";
    private static final String API = "org.httpkit.server..";
    private static final String HTTP = "org.httpkit.http..";
    private static final String BYTES = "org.httpkit.internal.bytes..";
    private static final String FIELDS = "org.httpkit.internal.fields..";
    private static final String NET = "org.httpkit.internal.net..";
    private static final String DISPATCH = "org.httpkit.internal.dispatch..";
    private static final String RECORDING = "org.httpkit.internal.recording..";

    private static final Set<String> ADDRESSES = Set.of(
            Inet4Address.class.getName(),
            Inet6Address.class.getName(),
            InetAddress.class.getName(),
            InetSocketAddress.class.getName(),
            SocketAddress.class.getName(),
            URI.class.getName(),
            URISyntaxException.class.getName(),
            UnixDomainSocketAddress.class.getName(),
            UnknownHostException.class.getName());

    /** Handles that read several bytes of an array as one number, behind which there is no field. */
    private static final Set<String> VIEWS_OF_ARRAYS = Set.of("INTS", "LONGS", "SHORTS");

    private static final JavaClasses SERVER = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.httpkit");

    @Test
    void httpKnowsNothingElseOfOurs() {
        check(knowsOfOursOnly(HTTP));
    }

    @Test
    void bytesKnowsNothingElseOfOurs() {
        check(knowsOfOursOnly(BYTES));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fields", "websocket", "proxy"})
    void protocolKnowsOnlyBytesAndHttp(String protocol) {
        check(knowsOfOursOnly("org.httpkit.internal." + protocol + "..", BYTES, HTTP));
    }

    /** Both versions of HTTP have one format of heads, and the rules about them. */
    @ParameterizedTest
    @ValueSource(strings = {"http1", "http2"})
    void versionOfHttpKnowsOnlyBytesHttpAndHeads(String version) {
        check(knowsOfOursOnly("org.httpkit.internal." + version + "..", BYTES, HTTP, FIELDS));
    }

    @Test
    void representationKnowsOnlyHttpAndFields() {
        check(knowsOfOursOnly(INTERNALS_ROOM + "representation..", HTTP, FIELDS));
    }

    @Test
    void codingKnowsOnlyHttp() {
        check(knowsOfOursOnly(INTERNALS_ROOM + "coding..", HTTP));
    }

    @Test
    void netKnowsOnlyBytes() {
        check(knowsOfOursOnly(NET, BYTES));
    }

    @Test
    void contextKnowsNeitherExchangesNorChannelsNorConnections() {
        check(noClasses()
                .that()
                .resideInAPackage(INTERNALS_ROOM + "context..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        INTERNALS_ROOM + "exchange..",
                        INTERNALS_ROOM + "channel..",
                        INTERNALS_ROOM + "connection..",
                        INTERNALS_ROOM + "websocket..",
                        INTERNALS_ROOM + "proxy..")));
    }

    /** An exchange knows a stream, never a connection. */
    @Test
    void exchangeKnowsNeitherVersionsNorChannelsNorConnections() {
        check(noClasses()
                .that()
                .resideInAPackage(INTERNALS_ROOM + "exchange..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        INTERNALS_ROOM + "http1..",
                        INTERNALS_ROOM + "http2..",
                        INTERNALS_ROOM + "websocket..",
                        INTERNALS_ROOM + "channel..",
                        INTERNALS_ROOM + "connection..")));
    }

    /** A channel knows an output, never a connection. */
    @Test
    void channelKnowsNeitherVersionsNorConnections() {
        check(noClasses()
                .that()
                .resideInAPackage(INTERNALS_ROOM + "channel..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        INTERNALS_ROOM + "http1..", INTERNALS_ROOM + "http2..", INTERNALS_ROOM + "connection..")));
    }

    @Test
    void filesKnowNothingElseOfOurs() {
        check(knowsOfOursOnly(INTERNALS_ROOM + "files..", BYTES));
    }

    /** A file is what one can hold in the head. */
    @Test
    void noFileOfTheInternalsHasMoreThan400Lines() throws IOException {
        Path root = Path.of("src/main/java/org/httpkit/internal");
        List<String> large = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".java")).toList()) {
                int lines = Files.readAllLines(file).size();
                if (lines > 400) {
                    large.add(file.getFileName() + ": " + lines);
                }
            }
        }

        assertThat(large).isEmpty();
    }

    /** Reading one class of a circle means reading all of them. In net, where a loop and its links are one thing, the circle is larger. */
    @Test
    void noCircleOfClassesIsLargerThanTwo() {
        Circles circles = Circles.of(SERVER, type -> type.getPackageName().startsWith("org.httpkit.internal"));

        assertThat(circles.largestOutside("org.httpkit.internal.net"))
                .as(circles.toString())
                .hasSizeLessThanOrEqualTo(2);
        assertThat(circles.largest()).as(circles.toString()).hasSizeLessThanOrEqualTo(7);
    }

    @Test
    void dispatchKnowsNothingElseOfOurs() {
        check(knowsOfOursOnly(DISPATCH));
    }

    @Test
    void recordingKnowsOnlyTheApi() {
        check(knowsOfOursOnly(RECORDING, API, HTTP));
    }

    @Test
    void onlyRecordingKnowsTheFlightRecorder() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(RECORDING)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.jfr.."));
    }

    /** A field that threads change by a VarHandle is read without one, too: such a read must see what the others have written. */
    @Test
    void fieldsThatAreChangedByVarHandlesAreVolatile() {
        List<JavaField> handles = SERVER.stream()
                .flatMap(type -> type.getFields().stream())
                .filter(field -> field.getRawType().isEquivalentTo(VarHandle.class))
                .filter(field -> !VIEWS_OF_ARRAYS.contains(field.getName()))
                .toList();

        assertThat(handles).isNotEmpty().allSatisfy(handle -> assertThat(behind(handle))
                .as(handle.getFullName())
                .isNotEmpty()
                .allMatch(field -> field.getModifiers().contains(JavaModifier.VOLATILE)));
    }

    /** The field is named as its handle is, or longer. */
    private static List<JavaField> behind(JavaField handle) {
        String start = handle.getName().replace("_", "").toLowerCase(Locale.ROOT);
        return handle.getOwner().getFields().stream()
                .filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
                .filter(field -> field.getName().toLowerCase(Locale.ROOT).startsWith(start))
                .toList();
    }

    @Test
    void apiReachesInternalsOnlyFromHttpServerAndWorker() {
        check(noClasses()
                .that(resideInAPackage(API)
                        .and(DescribedPredicate.not(httpServer()))
                        .and(DescribedPredicate.not(worker())))
                .should()
                .dependOnClassesThat(resideInAPackage(INTERNALS)));
    }

    @Test
    void workerReachesOnlyDispatch() {
        check(noClasses()
                .that(worker())
                .should()
                .dependOnClassesThat(
                        resideInAPackage(INTERNALS).and(DescribedPredicate.not(resideInAPackage(DISPATCH)))));
    }

    @Test
    void httpServerReachesOnlyRealServer() {
        check(noClasses()
                .that(httpServer())
                .should()
                .dependOnClassesThat(resideInAPackage(INTERNALS)
                        .and(DescribedPredicate.not(classOrNestedIn("org.httpkit.internal.RealServer")))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.httpkit.http..",
                "org.httpkit.internal.bytes..",
                "org.httpkit.internal.fields..",
                "org.httpkit.internal.representation..",
                "org.httpkit.internal.coding..",
                "org.httpkit.internal.http1..",
                "org.httpkit.internal.http2..",
                "org.httpkit.internal.websocket..",
                "org.httpkit.internal.proxy.."
            })
    void pureRoomTouchesNoSocketThreadClockOrLog(String room) {
        check(noClasses().that().resideInAPackage(room).should().dependOnClassesThat(ofTheOutsideWorld()));
        check(noClasses().that().resideInAPackage(room).should().accessTargetWhere(readsAClockOrPrints()));
    }

    /**
     * What waits goes by {@link System#nanoTime}. The clock of the wall may be set back or forth at any time: it is read for what
     * people read, the Date field and times in logs, and told of exchanges, which an observer may log.
     */
    @Test
    void onlyWhatPeopleReadGoesByTheClockOfTheWall() {
        check(noClasses()
                .that(DescribedPredicate.not(classOrNestedIn("org.httpkit.internal.context.ResponseHeads"))
                        .and(DescribedPredicate.not(classOrNestedIn("org.httpkit.internal.context.FieldBlocks")))
                        .and(DescribedPredicate.not(classOrNestedIn("org.httpkit.internal.exchange.ExchangeTimes")))
                        .and(DescribedPredicate.not(classOrNestedIn("org.httpkit.server.LogReadiness"))))
                .should()
                .accessTargetWhere(readsTheClockOfTheWall()));
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(SERVER); // a room may not be built yet
    }

    private static ArchRule knowsOfOursOnly(String room, String... others) {
        return noClasses()
                .that()
                .resideInAPackage(room)
                .should()
                .dependOnClassesThat(resideInAPackage(OURS)
                        .and(DescribedPredicate.not(resideInAPackage(room)))
                        .and(DescribedPredicate.not(resideInAnyPackage(others))));
    }

    private static DescribedPredicate<JavaClass> httpServer() {
        return classOrNestedIn("org.httpkit.server.HttpServer");
    }

    private static DescribedPredicate<JavaClass> worker() {
        return classOrNestedIn("org.httpkit.server.Worker");
    }

    private static DescribedPredicate<JavaClass> classOrNestedIn(String name) {
        return DescribedPredicate.describe(
                "are " + name + " or nested in it",
                type -> type.getName().equals(name) || type.getName().startsWith(name + "$"));
    }

    private static DescribedPredicate<JavaClass> ofTheOutsideWorld() {
        return DescribedPredicate.describe("are sockets, threads, clocks or logs", type -> {
            String name = type.getName();
            return switch (type.getPackageName()) {
                case "java.net" -> !ADDRESSES.contains(name);
                case "java.lang" -> name.startsWith("java.lang.Thread") || name.startsWith("java.lang.System$Logger");
                case "java.time" -> name.equals("java.time.Clock") || name.equals("java.time.InstantSource");
                default ->
                    name.startsWith("java.nio.channels.")
                            || name.startsWith("java.util.concurrent.")
                            || name.startsWith("java.util.logging.")
                            || name.equals("java.util.Timer");
            };
        });
    }

    private static DescribedPredicate<JavaAccess<?>> readsAClockOrPrints() {
        return DescribedPredicate.describe("reads a clock, finds a logger or prints", access -> {
            String owner = access.getTargetOwner().getName();
            String member = access.getTarget().getName();
            return switch (owner) {
                case "java.lang.System" ->
                    Set.of("currentTimeMillis", "nanoTime", "getLogger", "out", "err")
                            .contains(member);
                default -> (owner.startsWith("java.time.") && member.equals("now")) || member.equals("printStackTrace");
            };
        });
    }

    private static DescribedPredicate<JavaAccess<?>> readsTheClockOfTheWall() {
        return DescribedPredicate.describe("reads the clock of the wall", access -> {
            String owner = access.getTargetOwner().getName();
            String member = access.getTarget().getName();
            return (owner.equals("java.lang.System") && member.equals("currentTimeMillis"))
                    || (owner.startsWith("java.time.") && member.equals("now"))
                    || (owner.equals("java.util.Date") && member.equals("<init>"))
                    || (owner.equals("java.util.Calendar") && member.equals("getInstance"))
                    || owner.equals("java.time.Clock")
                    || owner.equals("java.util.Timer");
        });
    }
}
