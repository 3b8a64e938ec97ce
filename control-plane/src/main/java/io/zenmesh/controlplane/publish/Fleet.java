package io.zenmesh.controlplane.publish;

import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.publish.SecretContents.Place;
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
import java.util.SortedSet;
import java.util.stream.Stream;

/** What every node is to be configured with, as a model; holds plaintext secrets until closed. */
final class Fleet implements AutoCloseable {
  private final List<IngressNode> ingress;
  private final Map<String, TlsIdentity> certificates;
  private final List<EgressNode> egress;
  private final List<TrustBundle> bundles;
  private final Map<NodeId, Processor> processors;
  private final Map<Place, Map<SecretRef, SortedSet<Long>>> secrets;

  Fleet(
      List<IngressNode> ingress,
      Map<String, TlsIdentity> certificates,
      List<EgressNode> egress,
      List<TrustBundle> bundles,
      Map<NodeId, Processor> processors,
      Map<Place, Map<SecretRef, SortedSet<Long>>> secrets) {
    this.ingress = List.copyOf(ingress);
    this.certificates = Map.copyOf(certificates);
    this.egress = List.copyOf(egress);
    this.bundles = List.copyOf(bundles);
    this.processors = Map.copyOf(processors);
    this.secrets = Map.copyOf(secrets);
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

  /** Of each resource that holds secrets: which it refers to, and which versions are in it. */
  Map<Place, Map<SecretRef, SortedSet<Long>>> secrets() {
    return secrets;
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
