package org.httpkit.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import org.httpkit.testkit.TestCertificate;

/**
 * A certificate that a proxy shows for localhost, signed by itself. Immutable.
 *
 * @param pem the key and the certificate
 * @param trusted for clients that believe it
 */
record Certificate(String pem, SSLContext trusted) {

    static Certificate make(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
        TestCertificate made = TestCertificate.make(folder, "localhost");
        String pem = Files.readString(made.key()) + Files.readString(made.chain());
        return new Certificate(pem, TestCertificate.trusting(made));
    }

    Path writtenTo(Path folder) throws IOException {
        return Files.writeString(folder.resolve("site.pem"), pem);
    }
}
