package org.httpkit.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.remote.RemoteWebDriver;
import org.openqa.selenium.support.ui.Select;
import org.openqa.selenium.support.ui.WebDriverWait;

/** Chromium without a screen, with a fresh profile; its processes end when this is closed. Confined to one thread. */
final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path folder;
    private final ChromeDriverService service;
    private final RemoteWebDriver driver;

    private Browser(Path chromium, Path chromedriver, String... arguments) throws IOException {
        folder = Files.createTempDirectory("tour");
        service = new ChromeDriverService.Builder()
                .usingDriverExecutable(chromedriver.toFile())
                .usingAnyFreePort()
                .withEnvironment(Map.of("TMPDIR", folder.toString()))
                .build();
        try {
            service.start();
            // Not a ChromeDriver, which would look for a driver to download.
            driver = new RemoteWebDriver(
                    service.getUrl(), options(chromium, folder).addArguments(arguments), false);
        } catch (IOException | RuntimeException e) {
            stop();
            throw e;
        }
        driver.manage().timeouts().pageLoadTimeout(PATIENCE).scriptTimeout(PATIENCE);
    }

    /**
     * Nothing if chromium or chromedriver is not on the PATH.
     *
     * @param arguments further ones of its command line
     */
    static Optional<Browser> start(String... arguments) throws IOException {
        Optional<Path> chromium = Programs.onPath("chromium");
        Optional<Path> chromedriver = Programs.onPath("chromedriver");
        return chromium.isEmpty() || chromedriver.isEmpty()
                ? Optional.empty()
                : Optional.of(new Browser(chromium.get(), chromedriver.get(), arguments));
    }

    private static ChromeOptions options(Path chromium, Path folder) {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium.toFile());
        options.setAcceptInsecureCerts(true); // those that are made for a test
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--no-proxy-server",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                // A window behind another one goes on as usual.
                "--disable-background-timer-throttling",
                "--disable-backgrounding-occluded-windows",
                "--disable-renderer-backgrounding",
                "--user-data-dir=" + folder.resolve("profile"),
                "--window-size=1280,900");
        options.setExperimentalOption(
                "prefs",
                Map.of("download.default_directory", folder.resolve("downloads").toString()));
        LoggingPreferences console = new LoggingPreferences();
        console.enable(LogType.BROWSER, Level.WARNING);
        options.setCapability("goog:loggingPrefs", console);
        return options;
    }

    /** Opens the page in this window. */
    void open(String page) {
        driver.get(page);
    }

    /** Opens the page in another window and goes there. */
    String openWindow(String page) {
        driver.switchTo().newWindow(WindowType.WINDOW);
        driver.get(page);
        return driver.getWindowHandle();
    }

    String window() {
        return driver.getWindowHandle();
    }

    void goTo(String window) {
        driver.switchTo().window(window);
    }

    /** Closes all windows but this one. */
    void closeOthers() {
        String here = driver.getWindowHandle();
        for (String window : driver.getWindowHandles()) {
            if (!window.equals(here)) {
                driver.switchTo().window(window).close();
            }
        }
        driver.switchTo().window(here);
    }

    void click(String selector) {
        WebElement element = element(selector);
        driver.executeScript("arguments[0].scrollIntoView({block: 'center'})", element);
        element.click();
    }

    /** Chooses a file for a form. */
    void attach(String selector, Path file) {
        element(selector).sendKeys(file.toString());
    }

    /** Where downloads go. */
    Path downloads() {
        return folder.resolve("downloads");
    }

    void choose(String selector, String value) {
        new Select(element(selector)).selectByValue(value);
    }

    void type(String selector, String text) {
        WebElement element = element(selector);
        element.clear();
        element.sendKeys(text);
    }

    /** In one step, as the page may be drawing it anew. */
    String text(String selector) {
        return (String) driver.executeScript("return document.querySelector(arguments[0]).innerText.trim()", selector);
    }

    int count(String selector) {
        return driver.findElements(By.cssSelector(selector)).size();
    }

    List<String> attributes(String selector, String attribute) {
        return driver.findElements(By.cssSelector(selector)).stream()
                .map(element -> element.getDomAttribute(attribute))
                .toList();
    }

    /** What a script of the page's own returns. */
    Object script(String script) {
        return driver.executeScript(script);
    }

    void resize(int width, int height) {
        driver.manage().window().setSize(new Dimension(width, height));
    }

    /** Waits until it is so. */
    void await(String what, BooleanSupplier condition) {
        new WebDriverWait(driver, PATIENCE, Duration.ofMillis(50))
                .withMessage(what)
                .until(any -> condition.getAsBoolean());
    }

    /** The warnings and errors on the console since the last call. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(LogEntry::toString)
                .toList();
    }

    private WebElement element(String selector) {
        return driver.findElement(By.cssSelector(selector));
    }

    @Override
    public void close() {
        try {
            driver.quit();
        } finally {
            stop();
        }
    }

    private void stop() {
        service.stop();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            folder.toFile().deleteOnExit(); // the browser is still at it
        }
    }
}
