package org.httpkit.examples;

import java.util.LinkedHashMap;
import java.util.Map;

/** The options of a command: what may be given, what was given, and the text of {@code --help}. Confined to one thread. */
final class CommandLine {
    private record Option(String placeholder, String fallback, String meaning) {
        boolean isFlag() {
            return placeholder.isEmpty();
        }
    }

    private final String command;
    private final String purpose;
    private final Map<String, Option> options = new LinkedHashMap<>();
    private final Map<String, String> given = new LinkedHashMap<>();

    CommandLine(String command, String purpose) {
        this.command = command;
        this.purpose = purpose;
        flag("help", "print this and exit");
    }

    /** An option with a value: {@code --name VALUE} or {@code --name=VALUE}. */
    CommandLine option(String name, String placeholder, String fallback, String meaning) {
        options.put(name, new Option(placeholder, fallback, meaning));
        return this;
    }

    /** An option without a value. */
    CommandLine flag(String name, String meaning) {
        return option(name, "", "", meaning);
    }

    String command() {
        return command;
    }

    void parse(String... arguments) throws UsageException {
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            Option option = name.startsWith("--") ? options.get(name.substring(2)) : null;
            if (option == null) {
                throw new UsageException("unknown option " + argument);
            }
            if (option.isFlag() && equals >= 0) {
                throw new UsageException(name + " takes no value");
            }
            if (!option.isFlag() && equals < 0 && i + 1 == arguments.length) {
                throw new UsageException(name + " needs a value");
            }
            String value = equals >= 0 ? argument.substring(equals + 1) : option.isFlag() ? "" : arguments[++i];
            given.put(name.substring(2), value);
        }
    }

    /** Whether the option was given. */
    boolean has(String name) {
        declared(name);
        return given.containsKey(name);
    }

    /** The value given, or else the default. */
    String text(String name) {
        return given.getOrDefault(name, declared(name).fallback);
    }

    int number(String name) throws UsageException {
        try {
            return Integer.parseInt(text(name));
        } catch (NumberFormatException e) {
            throw new UsageException("--" + name + " is '" + text(name) + "'; it must be a whole number");
        }
    }

    String help() {
        int width = 0;
        for (Map.Entry<String, Option> entry : options.entrySet()) {
            width = Math.max(width, synopsis(entry).length());
        }
        StringBuilder help = new StringBuilder("Usage: ./run " + command + " [options]\n\n" + purpose + "\n\n");
        for (Map.Entry<String, Option> entry : options.entrySet()) {
            Option option = entry.getValue();
            String synopsis = synopsis(entry);
            help.append("  ").append(synopsis).append(" ".repeat(width - synopsis.length() + 2));
            help.append(option.meaning);
            help.append(option.isFlag() ? "\n" : " (default " + option.fallback + ")\n");
        }
        return help.toString();
    }

    private static String synopsis(Map.Entry<String, Option> entry) {
        String name = "--" + entry.getKey();
        return entry.getValue().isFlag() ? name : name + " " + entry.getValue().placeholder;
    }

    private Option declared(String name) {
        Option option = options.get(name);
        if (option == null) {
            throw new IllegalArgumentException("There is no option " + name);
        }
        return option;
    }
}
