package org.httpkit.internal.tls;

import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Reads a private key from PEM: PKCS#8 (RFC 5958), with a password or without, and the older formats of RSA (RFC 8017 appendix A.1.2) and
 * elliptic curves (RFC 5915). Stateless.
 */
final class PrivateKeys {
    /** Tried in order: PKCS#8 names the algorithm, and all others refuse the key. */
    private static final String[] ALGORITHMS = {"RSA", "EC", "EdDSA", "RSASSA-PSS"};

    private static final byte[] VERSION = Der.value(Der.INTEGER, new byte[] {0});

    private PrivateKeys() {}

    /**
     * Reads the first key in the text.
     *
     * @throws IllegalArgumentException if there is none, or it cannot be read; the message says what to do
     */
    static PrivateKey read(String pem, @Nullable String password) {
        for (Pem.Block block : Pem.blocks(pem)) {
            if (block.label().endsWith("PRIVATE KEY")) {
                return key(block, password);
            }
        }
        throw new IllegalArgumentException("has no block PRIVATE KEY");
    }

    private static PrivateKey key(Pem.Block block, @Nullable String password) {
        if (block.encrypted()) {
            throw new IllegalArgumentException(
                    "is encrypted in the old way of OpenSSL; convert it by: openssl pkcs8 -topk8 -in KEY -out NEW");
        }
        return switch (block.label()) {
            case "PRIVATE KEY" -> ofPkcs8(block.der());
            case "ENCRYPTED PRIVATE KEY" -> ofEncrypted(block.der(), password);
            case "RSA PRIVATE KEY" ->
                ofPkcs8(pkcs8(Der.value(Der.SEQUENCE, Der.RSA, Der.value(Der.NULL)), block.der()));
            case "EC PRIVATE KEY" ->
                ofPkcs8(pkcs8(Der.value(Der.SEQUENCE, Der.EC, Der.find(block.der(), Der.PARAMETERS)), block.der()));
            default -> throw new IllegalArgumentException("has a key of a kind that is not known: " + block.label());
        };
    }

    private static byte[] pkcs8(byte[] algorithm, byte[] key) {
        return Der.value(Der.SEQUENCE, VERSION, algorithm, Der.value(Der.OCTET_STRING, key));
    }

    private static PrivateKey ofPkcs8(byte[] der) {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                // The next algorithm may understand it.
            } catch (GeneralSecurityException e) {
                throw new IllegalArgumentException("cannot be read, as this JDK has no " + algorithm, e);
            }
        }
        throw new IllegalArgumentException("is damaged, or of a kind that this JDK does not know");
    }

    private static PrivateKey ofEncrypted(byte[] der, @Nullable String password) {
        if (password == null) {
            throw new IllegalArgumentException("is encrypted: give its password, too");
        }
        try {
            EncryptedPrivateKeyInfo encrypted = new EncryptedPrivateKeyInfo(der);
            // For PBES2 the parameters name the actual algorithms; the algorithm's name does not.
            AlgorithmParameters parameters = encrypted.getAlgParameters();
            if (parameters == null) {
                throw new IllegalArgumentException("is encrypted in a way that this JDK does not know");
            }
            String algorithm = parameters.toString();
            SecretKeyFactory secrets = SecretKeyFactory.getInstance(algorithm);
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(
                    Cipher.DECRYPT_MODE, secrets.generateSecret(new PBEKeySpec(password.toCharArray())), parameters);
            return ofPkcs8(encrypted.getKeySpec(cipher).getEncoded());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("cannot be decrypted: is its password right?", e);
        }
    }
}
