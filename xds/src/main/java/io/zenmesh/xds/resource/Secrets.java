package io.zenmesh.xds.resource;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.zenmesh.xds.model.TrustBundle;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.TlsIdentity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** The secrets Envoy fetches over SDS, or finds in its bootstrap. */
final class Secrets {
  private Secrets() {}

  /** A certificate with its key, inline: only for the wire. */
  static Secret certificate(TlsIdentity identity) {
    byte[] key = identity.privateKeyPem().copy(SecretAccess.granted());
    try {
      return certificate(
          identity.name(),
          DataSource.newBuilder()
              .setInlineBytes(ByteString.copyFromUtf8(identity.certificateChainPem()))
              .build(),
          DataSource.newBuilder().setInlineBytes(ByteString.copyFrom(key)).build());
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /** A certificate with its key, from files. */
  static Secret certificate(String name, Path chain, Path key) {
    return certificate(name, file(chain), file(key));
  }

  static Secret bundle(TrustBundle bundle) {
    return bundle(
        bundle.name(),
        DataSource.newBuilder()
            .setInlineBytes(ByteString.copyFrom(bundle.certificatesPem(), StandardCharsets.UTF_8))
            .build());
  }

  static Secret bundle(String name, Path file) {
    return bundle(name, file(file));
  }

  private static Secret bundle(String name, DataSource certificates) {
    return Secret.newBuilder()
        .setName(name)
        .setValidationContext(CertificateValidationContext.newBuilder().setTrustedCa(certificates))
        .build();
  }

  private static Secret certificate(String name, DataSource chain, DataSource key) {
    return Secret.newBuilder()
        .setName(name)
        .setTlsCertificate(
            TlsCertificate.newBuilder().setCertificateChain(chain).setPrivateKey(key))
        .build();
  }

  private static DataSource file(Path path) {
    return DataSource.newBuilder().setFilename(path.toString()).build();
  }
}
