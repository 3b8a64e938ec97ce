package io.zenmesh.e2e.harness;

import java.util.List;

/**
 * The demo set as the documents of {@code mesh.yaml}: two tenants, one cluster, seven endpoints.
 */
final class MeshDocuments {
  private MeshDocuments() {}

  static String render(MeshFiles files) {
    StringBuilder yaml = new StringBuilder();
    yaml.append(
        "# Written by ./zen up once and yours from then on: a later start changes nothing in it but its own"
            + " addresses.\n# Secrets are files under secrets/, never values.\n");
    List<String> tenants =
        DemoEndpoint.ALL.stream().map(e -> e.tenant().value()).distinct().toList();
    tenants.forEach(tenant -> yaml.append(tenant(tenant)));
    yaml.append(platform(files));
    tenants.forEach(tenant -> yaml.append(targetAuthority(tenant)));
    DemoEndpoint.ALL.forEach(endpoint -> yaml.append(endpoint(endpoint, files)));
    return yaml.toString();
  }

  private static String tenant(String name) {
    return """
    ---
    apiVersion: zenmesh.io/v1alpha1
    kind: Tenant
    metadata: {name: %s}
    """
        .formatted(name);
  }

  private static String platform(MeshFiles files) {
    StringBuilder ingress = new StringBuilder();
    for (String node : MeshFiles.INGRESS) {
      ingress.append(
          "    - {name: %s, listen: \"%s\", processorSocket: %s}\n"
              .formatted(node, files.ingress(node), Yaml.quoted(files.processorSocket(node))));
    }
    return """
    ---
    apiVersion: zenmesh.io/v1alpha1
    kind: Secret
    metadata: {name: edge-tls, tenant: system}
    spec:
      type: tls
      certificate: {file: edge.pem}
      valueFrom: {file: edge.key}
    ---
    apiVersion: zenmesh.io/v1alpha1
    kind: Cluster
    metadata: {name: %s, tenant: system}
    spec:
      tls: {secretRef: edge-tls}
      ingress:
    %s  egress:
        - {name: %s, listen: "%s"}
    """
        .formatted(
            MeshFiles.CLUSTER, ingress, MeshFiles.EGRESS, files.ports().address(Part.EGRESS_1));
  }

  private static String targetAuthority(String tenant) {
    return """
    ---
    apiVersion: zenmesh.io/v1alpha1
    kind: Secret
    metadata: {name: target-ca, tenant: %s}
    spec:
      type: ca
      certificate: {file: target-ca.pem}
    """
        .formatted(tenant);
  }

  /** The documents of one endpoint: secret, destination, endpoint. */
  static String endpoint(DemoEndpoint endpoint, MeshFiles files) {
    return """
    ---
    apiVersion: zenmesh.io/v1alpha1
    kind: Secret
    metadata: {name: %2$s-key, tenant: %1$s}
    spec:
      type: signing
      valueFrom: {file: %4$s}
    ---
    apiVersion: zenmesh.io/v1alpha1
    kind: Destination
    metadata: {name: %2$s, tenant: %1$s}
    spec:
      url: "https://localhost:%5$d%6$s"
      caRef: target-ca
    ---
    apiVersion: zenmesh.io/v1alpha1
    kind: Endpoint
    metadata: {name: %2$s, tenant: %1$s}
    spec:
      cluster: %7$s
      host: %8$s
      path: %6$s
      scheme: %3$s
      secretRefs: [%2$s-key]
      destination: %2$s
      tolerance: 300s
      maxBodyBytes: 1048576
      onStoreLoss: %9$s
    """
        .formatted(
            endpoint.tenant(),
            endpoint.name(),
            endpoint.scheme(),
            endpoint.secretFile(),
            files.ports().of(Part.TARGET),
            endpoint.path(),
            MeshFiles.CLUSTER,
            endpoint.host(),
            endpoint.signsTime() ? "refuse" : "accept");
  }
}
