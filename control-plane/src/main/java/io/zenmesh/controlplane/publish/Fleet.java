package io.zenmesh.controlplane.publish;

import io.zenmesh.xds.model.EgressNode;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.IngressNode;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.TrustBundle;
import io.zenmesh.xds.secret.EndpointKeys;
import io.zenmesh.xds.secret.TlsIdentity;
import io.zenmesh.xds.secret.VerificationKey;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What every node is to be configured with, as a model; holds plaintext secrets until closed. */
final class Fleet implements AutoCloseable {
  private final List<IngressNode> ingress;
  private final Map<String, TlsIdentity> certificates;
  private final List<EgressNode> egress;
  private final List<TrustBundle> bundles;
  private final Map<NodeId, Processor> processors;

  Fleet(
      List<IngressNode> ingress,
      Map<String, TlsIdentity> certificates,
      List<EgressNode> egress,
      List<TrustBundle> bundles,
      Map<NodeId, Processor> processors) {
    this.ingress = List.copyOf(ingress);
    this.certificates = Map.copyOf(certificates);
    this.egress = List.copyOf(egress);
    this.bundles = List.copyOf(bundles);
    this.processors = Map.copyOf(processors);
  }

  /** What the external processor beside one ingress Envoy enforces. */
  record Processor(List<EndpointPolicy> policies, List<EndpointKeys> keys) {
    Processor {
      policies = List.copyOf(policies);
      keys = List.copyOf(keys);
    }
  }

  List<IngressNode> ingress() {
    return ingress;
  }

  TlsIdentity certificate(IngressNode node) {
    TlsIdentity found = certificates.get(node.certificateSecret());
    if (found == null) {
      throw new IllegalStateException(
          "certificate: " + node.certificateSecret() + " (expected: a tls secret)");
    }
    return found;
  }

  List<EgressNode> egress() {
    return egress;
  }

  List<TrustBundle> bundles() {
    return bundles;
  }

  Map<NodeId, Processor> processors() {
    return processors;
  }

  @Override
  public void close() {
    certificates.values().forEach(it -> it.privateKeyPem().close());
    processors.values().stream()
        .flatMap(it -> it.keys().stream())
        .flatMap(it ->
            Stream.concat(
                it.keys().stream().map(VerificationKey::secret), it.verifyToken().stream()))
        .forEach(secret -> secret.close());
  }
}
