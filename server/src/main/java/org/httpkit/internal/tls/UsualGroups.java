package org.httpkit.internal.tls;

import java.security.AlgorithmConstraints;
import java.security.AlgorithmParameters;
import java.security.CryptoPrimitive;
import java.security.Key;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Restricts key agreement to X25519, P-256, P-384 and hybrids with ML-KEM, because more groups have no benefit (RFC
 * 9325 section 4.4). Algorithms that the JDK disables stay disabled. Stateless.
 */
final class UsualGroups implements AlgorithmConstraints {
    static final UsualGroups INSTANCE = new UsualGroups();

    private static final Set<String> UNUSUAL = Set.of("x448", "secp521r1");

    private UsualGroups() {}

    @Override
    public boolean permits(
            Set<CryptoPrimitive> primitives, String algorithm, @Nullable AlgorithmParameters parameters) {
        return !primitives.contains(CryptoPrimitive.KEY_AGREEMENT) || isUsual(algorithm);
    }

    private static boolean isUsual(String algorithm) {
        String name = algorithm.toLowerCase(Locale.ROOT);
        return !UNUSUAL.contains(name) && !name.startsWith("ffdhe");
    }

    @Override
    public boolean permits(Set<CryptoPrimitive> primitives, Key key) {
        return true;
    }

    @Override
    public boolean permits(
            Set<CryptoPrimitive> primitives, String algorithm, Key key, @Nullable AlgorithmParameters parameters) {
        return permits(primitives, algorithm, parameters);
    }
}
