package org.httpkit.ring;

import clojure.lang.Named;
import clojure.lang.RT;
import java.io.File;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.httpkit.server.Cidr;
import org.httpkit.server.Compression;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Tls;

/**
 * The options of {@link HttpServer.Builder} by their names in Clojure: {@code max-header-bytes} for {@code
 * maxHeaderBytes}. Reflection on the builder finds them, so none is missing. Immutable.
 */
public final class BuilderOptions {
    /** The options that need more than a conversion of their value. */
    private static final Set<String> ELSEWHERE = Set.of("handler", "port", "address", "worker", "listener");

    private static final Map<String, Method> SETTERS = setters();

    private BuilderOptions() {}

    private static Map<String, Method> setters() {
        Map<String, Method> setters = new TreeMap<>();
        for (Method method : HttpServer.Builder.class.getMethods()) {
            if (method.getReturnType() == HttpServer.Builder.class
                    && method.getParameterCount() == 1
                    && !ELSEWHERE.contains(method.getName())) {
                setters.put(kebabCase(method.getName()), method);
            }
        }
        return setters;
    }

    static String kebabCase(String camelCase) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < camelCase.length(); i++) {
            char c = camelCase.charAt(i);
            if (Character.isUpperCase(c)) {
                name.append('-');
            }
            name.append(Character.toLowerCase(c));
        }
        return name.toString();
    }

    /** The names, in alphabetical order. */
    public static Set<String> names() {
        return SETTERS.keySet();
    }

    /**
     * Sets an option. A duration may be given in milliseconds, an enum's constant as a keyword, compression as true, an address or block as a string, a
     * path as a string or file; several as any collection.
     *
     * @throws IllegalArgumentException if the value does not fit
     */
    public static void set(HttpServer.Builder builder, String name, Object value) {
        Method setter = SETTERS.get(name);
        if (setter == null) {
            throw new IllegalArgumentException("There is no option :" + name);
        }
        try {
            setter.invoke(builder, converted(name, value, setter.getParameterTypes()[0]));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalArgumentException(":" + name + " cannot be " + value, e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object converted(String name, Object value, Class<?> type) {
        if (type.isInstance(value)) {
            return value;
        }
        if (type == Tls.class && value instanceof Map<?, ?> map) {
            return RingTls.of(map);
        }
        if (type == Duration.class && value instanceof Number millis) {
            return Duration.ofMillis(millis.longValue());
        }
        if (type == int.class && value instanceof Number number && number.longValue() == number.intValue()) {
            return number.intValue();
        }
        if (type == long.class && value instanceof Number number) {
            return number.longValue();
        }
        if (type == boolean.class) {
            return !Boolean.FALSE.equals(value);
        }
        if (type == Path.class && value instanceof String text) {
            return Path.of(text);
        }
        if (type == Path.class && value instanceof File file) {
            return file.toPath();
        }
        if (type == Cidr.class && value instanceof String text) {
            return Cidr.of(text);
        }
        if (type == Compression.class && value instanceof Boolean on) {
            return on ? Compression.on() : Compression.off();
        }
        if (type.isEnum() && (value instanceof Named || value instanceof String)) {
            return constant(name, value, type);
        }
        if (type.isArray()) {
            return array(name, value, type.getComponentType());
        }
        throw new IllegalArgumentException(
                ":" + name + " is " + RT.printString(value) + "; it must be of " + type.getSimpleName());
    }

    private static Object constant(String name, Object value, Class<?> type) {
        String text = value instanceof Named named ? named.getName() : value.toString();
        List<String> legal = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            String known =
                    ":" + ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (known.equals(":" + text.toLowerCase(Locale.ROOT))) {
                return constant;
            }
            legal.add(known);
        }
        throw new IllegalArgumentException(
                ":" + name + " is " + RT.printString(value) + "; it must be one of " + String.join(", ", legal));
    }

    private static Object array(String name, Object values, Class<?> type) {
        List<Object> all = new ArrayList<>();
        Object several = values instanceof String || type.isInstance(values) ? List.of(values) : values;
        for (Iterator<?> each = RT.iter(several); each.hasNext(); ) {
            all.add(converted(name, each.next(), type));
        }
        Object array = Array.newInstance(type, all.size());
        for (int i = 0; i < all.size(); i++) {
            Array.set(array, i, all.get(i));
        }
        return array;
    }

    /**
     * Finds the name most like another one, by the number of characters to change, add or leave out; empty if that
     * exceeds a third.
     */
    public static String nearest(String name, Iterable<String> names) {
        String nearest = "";
        int least = name.length() / 3 + 1;
        for (String candidate : names) {
            int distance = distance(name, candidate);
            if (distance < least) {
                least = distance;
                nearest = candidate;
            }
        }
        return nearest;
    }

    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
