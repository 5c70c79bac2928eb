package org.httpkit.internal.tls;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.List;

/**
 * A private key and its certificate chain, the server's own certificate first. Immutable.
 *
 * @param algorithm of the public key, by the engine's name: {@code RSA}, {@code EC}, {@code EdDSA} …
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Identity(PrivateKey key, X509Certificate[] chain, String algorithm) {
    private static final String PSS = "RSASSA-PSS";

    /**
     * Joins a key and a chain.
     *
     * @throws IllegalArgumentException if the two do not match, or a certificate has expired or is not valid yet
     */
    static Identity of(PrivateKey key, List<X509Certificate> chain) {
        X509Certificate own = chain.get(0);
        for (X509Certificate each : chain) {
            try {
                each.checkValidity();
            } catch (GeneralSecurityException e) {
                throw new IllegalArgumentException("the certificate of " + each.getSubjectX500Principal()
                        + " is valid from " + each.getNotBefore() + " to " + each.getNotAfter() + " only");
            }
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
            if (key.getAlgorithm().equals(PSS)) {
                signature.setParameter(pssParameters(key));
            }
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

    /** Those that the key is restricted to, or the usual ones (RFC 8446 section 4.2.3). */
    private static AlgorithmParameterSpec pssParameters(PrivateKey key) {
        AlgorithmParameterSpec own = key instanceof RSAKey rsa ? rsa.getParams() : null;
        return own != null ? own : new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1);
    }

    private static String signatureFor(String algorithm) {
        return switch (algorithm) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> algorithm;
        };
    }
}
