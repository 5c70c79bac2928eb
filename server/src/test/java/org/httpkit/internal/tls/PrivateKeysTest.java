package org.httpkit.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PrivateKeysTest {

    @ParameterizedTest
    @CsvSource({"ec.key,EC", "rsa.key,RSA", "ed25519.key,EdDSA"})
    void readsPkcs8OfEachKind(String file, String algorithm) throws Exception {
        assertThat(PrivateKeys.read(TestFiles.text(file), null).getAlgorithm()).isEqualTo(algorithm);
    }

    @ParameterizedTest
    @CsvSource({"ec-sec1.key,ec.key", "rsa-pkcs1.key,rsa.key"})
    void readsTheOlderFormatOfTheSameKey(String older, String file) throws Exception {
        PrivateKey key = PrivateKeys.read(TestFiles.text(older), null);

        assertThat(secretOf(key)).isEqualTo(secretOf(PrivateKeys.read(TestFiles.text(file), null)));
    }

    private static BigInteger secretOf(PrivateKey key) {
        return key instanceof ECPrivateKey ec ? ec.getS() : ((RSAPrivateKey) key).getPrivateExponent();
    }

    @Test
    void decryptsAKeyByItsPassword() throws Exception {
        String encrypted = TestFiles.text("rsa-encrypted.key");

        assertThat(PrivateKeys.read(encrypted, "secret")).isEqualTo(PrivateKeys.read(TestFiles.text("rsa.key"), null));
        assertThatThrownBy(() -> PrivateKeys.read(encrypted, "wrong")).hasMessageContaining("password right");
        assertThatThrownBy(() -> PrivateKeys.read(encrypted, null)).hasMessageContaining("give its password");
    }

    @Test
    void saysHowToConvertAKeyThatOldProgramsHaveEncrypted() throws Exception {
        String old = TestFiles.text("rsa-old.key");

        assertThatThrownBy(() -> PrivateKeys.read(old, "secret")).hasMessageContaining("openssl pkcs8 -topk8");
    }

    @Test
    void findsTheKeyBesideACertificate() throws Exception {
        String both = TestFiles.text("ec.pem") + "a comment\n" + TestFiles.text("ec.key");

        assertThat(PrivateKeys.read(both, null).getAlgorithm()).isEqualTo("EC");
    }

    @Test
    void saysThatThereIsNone() throws Exception {
        String certificate = TestFiles.text("ec.pem");

        assertThatThrownBy(() -> PrivateKeys.read(certificate, null)).hasMessageContaining("no block PRIVATE KEY");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ec.key", "ec-sec1.key", "rsa.key", "rsa-pkcs1.key", "rsa-encrypted.key", "ed25519.key"})
    void neverFailsOtherwiseThanBySayingSoHoweverAKeyIsDamaged(String file) throws Exception {
        String text = TestFiles.text(file);
        int refused = 0;
        for (int i = 0; i < text.length(); i++) {
            String damaged = text.substring(0, i) + (text.charAt(i) == 'A' ? 'B' : 'A') + text.substring(i + 1);
            for (String each : new String[] {damaged, text.substring(0, i)}) {
                try {
                    PrivateKeys.read(each, "secret");
                } catch (IllegalArgumentException e) {
                    refused++;
                }
            }
        }
        assertThat(refused).isGreaterThanOrEqualTo(text.length());
    }
}
