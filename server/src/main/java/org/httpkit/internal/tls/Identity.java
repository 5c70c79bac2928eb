package org.httpkit.internal.tls;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A private key and its certificate chain, the server's own certificate first. Immutable.
 *
 * @param algorithm of the public key, by the engine's name: {@code RSA}, {@code EC}, {@code EdDSA} …
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Identity(PrivateKey key, X509Certificate[] chain, String algorithm) {

    /**
     * Joins a key and a chain.
     *
     * @throws IllegalArgumentException if the two do not match, or the certificate has expired or is not valid yet
     */
    static Identity of(PrivateKey key, List<X509Certificate> chain) {
        X509Certificate own = chain.get(0);
        try {
            own.checkValidity();
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the certificate of " + own.getSubjectX500Principal() + " is valid from "
                    + own.getNotBefore() + " to " + own.getNotAfter() + " only");
        }
        if (!fits(key, own)) {
            throw new IllegalArgumentException("the key does not belong to the certificate of "
                    + own.getSubjectX500Principal() + ", which has to be the first in the chain");
        }
        return new Identity(
                key, chain.toArray(new X509Certificate[0]), own.getPublicKey().getAlgorithm());
    }

    private static boolean fits(PrivateKey key, X509Certificate own) {
        byte[] text = new byte[32];
        new SecureRandom().nextBytes(text);
        try {
            Signature signature = Signature.getInstance(signatureFor(key.getAlgorithm()));
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(own.getPublicKey());
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false; // a key of another kind
        }
    }

    private static String signatureFor(String algorithm) {
        return switch (algorithm) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> algorithm;
        };
    }
}
