package org.httpkit;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/** The circles in which classes depend on each other, nested classes counted with those around them (Tarjan's algorithm). */
final class Circles {
    private final Map<String, Set<String>> uses = new TreeMap<>();
    private final Map<String, Integer> found = new HashMap<>();
    private final Map<String, Integer> reaches = new HashMap<>();
    private final Deque<String> path = new ArrayDeque<>();
    private final Set<String> onPath = new HashSet<>();
    private final List<Set<String>> circles = new ArrayList<>();

    private Circles() {}

    static Circles of(JavaClasses classes, Predicate<JavaClass> included) {
        Circles circles = new Circles();
        for (JavaClass type : classes) {
            if (included.test(type)) {
                Set<String> used = circles.uses.computeIfAbsent(outermost(type.getName()), name -> new TreeSet<>());
                type.getDirectDependenciesFromSelf().stream()
                        .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                        .filter(included)
                        .forEach(target -> used.add(outermost(target.getName())));
            }
        }
        circles.uses.keySet().stream()
                .filter(name -> !circles.found.containsKey(name))
                .toList()
                .forEach(circles::visit);
        return circles;
    }

    private static String outermost(String name) {
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }

    private void visit(String name) {
        if (found.containsKey(name)) {
            return;
        }
        int number = found.size();
        found.put(name, number);
        reaches.put(name, number);
        path.push(name);
        onPath.add(name);
        for (String used : uses.getOrDefault(name, Set.of())) {
            if (!found.containsKey(used)) {
                visit(used);
                reaches.merge(name, reaches.get(used), Math::min);
            } else if (onPath.contains(used)) {
                reaches.merge(name, found.get(used), Math::min);
            }
        }
        if (reaches.get(name) == number) {
            Set<String> circle = new TreeSet<>();
            String last;
            do {
                last = path.pop();
                onPath.remove(last);
                circle.add(last);
            } while (!last.equals(name));
            circles.add(circle);
        }
    }

    /** The largest of all. */
    Set<String> largest() {
        return largestOutside("nowhere");
    }

    /** The largest with a class that is not in that package. */
    Set<String> largestOutside(String packageName) {
        return circles.stream()
                .filter(circle -> circle.stream().anyMatch(name -> !name.startsWith(packageName + ".")))
                .max(Comparator.comparingInt(Set::size))
                .orElse(Set.of());
    }

    @Override
    public String toString() {
        return circles.stream().filter(circle -> circle.size() > 1).toList().toString();
    }
}
