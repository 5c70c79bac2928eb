package org.httpkit.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.CryptoPrimitive;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UsualGroupsTest {
    @ParameterizedTest
    @CsvSource({
        "x25519,true",
        "secp256r1,true",
        "secp384r1,true",
        "X25519MLKEM768,true",
        "x448,false",
        "X448,false",
        "secp521r1,false",
        "ffdhe2048,false",
    })
    void agreesOnKeysByTheUsualGroupsAlone(String group, boolean usual) {
        assertThat(UsualGroups.INSTANCE.permits(Set.of(CryptoPrimitive.KEY_AGREEMENT), group, null))
                .isEqualTo(usual);
        assertThat(UsualGroups.INSTANCE.permits(Set.of(CryptoPrimitive.SIGNATURE), group, null))
                .isTrue();
    }
}
