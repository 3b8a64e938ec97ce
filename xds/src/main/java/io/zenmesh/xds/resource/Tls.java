package io.zenmesh.xds.resource;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.SanType;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.zenmesh.xds.identity.IdentityFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The transport sockets of every hop; there is no plaintext one. */
final class Tls {
  static final String SOCKET = "envoy.transport_sockets.tls";
  static final String SYSTEM_ROOTS = "/etc/ssl/certs/ca-certificates.crt";

  /** Forward secrecy and AEAD only. TLS 1.3 has no other kind. */
  private static final List<String> TLS12_CIPHERS =
      List.of(
          "ECDHE-ECDSA-AES128-GCM-SHA256",
          "ECDHE-RSA-AES128-GCM-SHA256",
          "ECDHE-ECDSA-AES256-GCM-SHA384",
          "ECDHE-RSA-AES256-GCM-SHA384",
          "ECDHE-ECDSA-CHACHA20-POLY1305",
          "ECDHE-RSA-CHACHA20-POLY1305");

  /** A listener without its certificate must never go active, so it waits without end. */
  private static final Duration WAIT_FOREVER = Limits.seconds(0);

  /**
   * A cluster without its roots refuses every connection by itself; waiting longer would hold up
   * the clusters of other tenants.
   */
  private static final Duration WAIT_BRIEFLY = Limits.seconds(5);

  private Tls() {}

  /** How resources of the control plane are fetched. The bytes are the same in every snapshot. */
  static ConfigSource ads(Duration initialFetchTimeout) {
    return ConfigSource.newBuilder()
        .setAds(AggregatedConfigSource.getDefaultInstance())
        .setResourceApiVersion(ApiVersion.V3)
        .setInitialFetchTimeout(initialFetchTimeout)
        .build();
  }

  static ConfigSource adsForListener() {
    return ads(WAIT_FOREVER);
  }

  /** What webhook sources meet: TLS 1.2 or newer, HTTP/2 or HTTP/1.1. */
  static TransportSocket publicServer(String certificateSecret) {
    return socket(
        DownstreamTlsContext.newBuilder()
            .setRequireClientCertificate(BoolValue.of(false))
            .setCommonTlsContext(publicContext(certificateSecret))
            .build());
  }

  private static CommonTlsContext.Builder publicContext(String certificateSecret) {
    return CommonTlsContext.newBuilder()
        .setTlsParams(tls12())
        .addTlsCertificateSdsSecretConfigs(sds(certificateSecret, adsForListener()))
        .addAlpnProtocols("h2")
        .addAlpnProtocols("http/1.1");
  }

  /**
   * What webhook sources meet on a host that asks for their certificate: one that does not chain to
   * {@code clientCa} ends the handshake. Which names it must carry is judged route by route.
   */
  static TransportSocket clientServer(String certificateSecret, String clientCa, boolean required) {
    return socket(
        DownstreamTlsContext.newBuilder()
            .setRequireClientCertificate(BoolValue.of(required))
            // A resumed session would not look at the client's certificate again.
            .setDisableStatelessSessionResumption(true)
            .setDisableStatefulSessionResumption(true)
            .setCommonTlsContext(
                publicContext(certificateSecret)
                    .setCombinedValidationContext(
                        CombinedCertificateValidationContext.newBuilder()
                            .setDefaultValidationContext(
                                CertificateValidationContext.getDefaultInstance())
                            .setValidationContextSdsSecretConfig(sds(clientCa, adsForListener()))))
            .build());
  }

  /** What ingress Envoys meet: TLS 1.3, and a certificate of one of {@code clients} is required. */
  static TransportSocket meshServer(List<String> clients) {
    return socket(
        DownstreamTlsContext.newBuilder()
            .setRequireClientCertificate(BoolValue.of(true))
            // A resumed session would not look at the client's certificate again.
            .setDisableStatelessSessionResumption(true)
            .setDisableStatefulSessionResumption(true)
            .setCommonTlsContext(meshContext(clients))
            .build());
  }

  /** A client of the mesh: TLS 1.3, our identity, and one of {@code servers} on the other side. */
  static TransportSocket meshClient(List<String> servers) {
    return socket(
        UpstreamTlsContext.newBuilder()
            .setMaxSessionKeys(UInt32Value.of(0))
            .setCommonTlsContext(meshContext(servers))
            .build());
  }

  /** As {@link #meshClient}, for an Envoy whose identity is in files that nobody serves by SDS. */
  static TransportSocket fileClient(List<String> servers, IdentityFiles own) {
    CommonTlsContext.Builder context = meshContext(servers).toBuilder();
    CertificateValidationContext roots =
        context.getCombinedValidationContext().getDefaultValidationContext().toBuilder()
            .setTrustedCa(file(own.trustBundle()))
            .build();
    context
        .clearTlsCertificateSdsSecretConfigs()
        .addTlsCertificates(
            TlsCertificate.newBuilder()
                .setCertificateChain(file(own.certificateChain()))
                .setPrivateKey(file(own.privateKey())))
        .setValidationContext(roots);
    return socket(
        UpstreamTlsContext.newBuilder()
            .setMaxSessionKeys(UInt32Value.of(0))
            .setCommonTlsContext(context)
            .build());
  }

  private static DataSource file(Path path) {
    return DataSource.newBuilder().setFilename(path.toString()).build();
  }

  /** A client of a tenant's target: its chain and its name are checked. */
  static TransportSocket targetClient(String host, boolean literal, Optional<String> bundle) {
    CertificateValidationContext.Builder pinned =
        CertificateValidationContext.newBuilder()
            .addMatchTypedSubjectAltNames(san(literal ? SanType.IP_ADDRESS : SanType.DNS, host));
    CommonTlsContext.Builder common =
        CommonTlsContext.newBuilder()
            .setTlsParams(tls12())
            .addAlpnProtocols("h2")
            .addAlpnProtocols("http/1.1");
    if (bundle.isPresent()) {
      common.setCombinedValidationContext(
          CombinedCertificateValidationContext.newBuilder()
              .setDefaultValidationContext(pinned)
              .setValidationContextSdsSecretConfig(sds(bundle.get(), ads(WAIT_BRIEFLY))));
    } else {
      common.setValidationContext(
          pinned.setTrustedCa(DataSource.newBuilder().setFilename(SYSTEM_ROOTS)));
    }
    UpstreamTlsContext.Builder context =
        UpstreamTlsContext.newBuilder().setCommonTlsContext(common);
    if (!literal) {
      context.setSni(host);
    }
    return socket(context.build());
  }

  private static CommonTlsContext meshContext(List<String> peers) {
    if (peers.isEmpty()) {
      // Envoy takes an empty list for "any certificate of the bundle".
      throw new IllegalArgumentException("SPIFFE ids: none (expected: at least one peer)");
    }
    CertificateValidationContext.Builder pinned = CertificateValidationContext.newBuilder();
    peers.stream()
        .distinct()
        .sorted()
        .forEach(peer -> pinned.addMatchTypedSubjectAltNames(san(SanType.URI, peer)));
    return CommonTlsContext.newBuilder()
        .setTlsParams(
            TlsParameters.newBuilder()
                .setTlsMinimumProtocolVersion(TlsProtocol.TLSv1_3)
                .setTlsMaximumProtocolVersion(TlsProtocol.TLSv1_3))
        .addTlsCertificateSdsSecretConfigs(
            SdsSecretConfig.newBuilder().setName(ResourceNames.NODE_IDENTITY))
        .setCombinedValidationContext(
            CombinedCertificateValidationContext.newBuilder()
                .setDefaultValidationContext(pinned)
                .setValidationContextSdsSecretConfig(
                    SdsSecretConfig.newBuilder().setName(ResourceNames.MESH_BUNDLE)))
        .addAlpnProtocols("h2")
        .build();
  }

  private static TlsParameters tls12() {
    return TlsParameters.newBuilder()
        .setTlsMinimumProtocolVersion(TlsProtocol.TLSv1_2)
        .setTlsMaximumProtocolVersion(TlsProtocol.TLSv1_3)
        .addAllCipherSuites(TLS12_CIPHERS)
        .build();
  }

  private static SdsSecretConfig sds(String name, ConfigSource source) {
    return SdsSecretConfig.newBuilder().setName(name).setSdsConfig(source).build();
  }

  private static SubjectAltNameMatcher san(SanType type, String exact) {
    return SubjectAltNameMatcher.newBuilder()
        .setSanType(type)
        .setMatcher(StringMatcher.newBuilder().setExact(exact))
        .build();
  }

  private static TransportSocket socket(Message context) {
    return TransportSocket.newBuilder().setName(SOCKET).setTypedConfig(Any.pack(context)).build();
  }
}
