/**
 * Certificates for the tests of this folder.
 *
 * @module
 */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** A certificate with its key, PEM. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** An authority, and what it signs. */
export interface TestAuthority extends TestCertificate {
  /** For a server with these names; `127.0.0.1` among them is an address. */
  readonly server: (...names: readonly string[]) => Promise<TestCertificate>;
  readonly client: (commonName: string) => Promise<TestCertificate>;
}

/** From when until when a certificate is valid. */
export interface TestDates {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** Makes an authority that nobody knows; what it signs has these dates. */
export async function testAuthority(dates: TestDates = {}): Promise<TestAuthority> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const root = await issue({ subject: "CN=test authority", keys, signer: undefined }, [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
  ]);
  const leaf = async (
    subject: string,
    extensions: x509.Extension[],
  ): Promise<TestCertificate> => {
    const own = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    return await issue({ subject, keys: own, signer: keys.privateKey, dates }, [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      ...extensions,
    ]);
  };
  return {
    ...root,
    server: (...names) =>
      leaf("CN=test server", [
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({
            type: /^[\d.]+$/.test(value) ? "ip" as const : "dns" as const,
            value,
          })),
        ),
      ]),
    client: (commonName) =>
      leaf(`CN=${commonName}`, [
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      ]),
  };
}

let serial = 1;

async function issue(
  { subject, keys, signer, dates = {} }: {
    readonly subject: string;
    readonly keys: CryptoKeyPair;
    readonly signer: CryptoKey | undefined;
    readonly dates?: TestDates;
  },
  extensions: x509.Extension[],
): Promise<TestCertificate> {
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: (serial++).toString(16).padStart(4, "0"),
    subject,
    issuer: "CN=test authority",
    notBefore: new Date("2020-01-01T00:00:00Z"),
    notAfter: new Date("2049-01-01T00:00:00Z"),
    ...dates,
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: signer ?? keys.privateKey,
    extensions,
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificate: `${certificate.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
  };
}
