package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.audit.Retention;
import io.zenmesh.xds.model.Cidr;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointPolicy.OnDuplicate;
import io.zenmesh.xds.model.EndpointPolicy.OnReceiptLoss;
import io.zenmesh.xds.model.EndpointPolicy.OnStoreLoss;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.RateLimit;
import io.zenmesh.xds.model.SchemeSettings;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes what is stored as the documents that a mesh file would hold: reading them gives the same
 * again. What has its usual value is left out. Trees of maps, lists and plain values, in a fixed
 * order.
 */
public final class MeshText {
  private MeshText() {}

  /** A Tenant document. */
  public static Map<String, Object> tenant(Name name) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("apiVersion", DocumentReader.API_VERSION);
    document.put("kind", "Tenant");
    document.put("metadata", Map.of("name", name.value()));
    return document;
  }

  /** A Tenant document that states for how long its audit entries stay. */
  public static Map<String, Object> tenant(Name name, Optional<Retention> auditRetention) {
    Map<String, Object> document = tenant(name);
    auditRetention.ifPresent(it -> document.put("spec", Map.of("auditRetention", it.toString())));
    return document;
  }

  /** A Cluster document. */
  public static Map<String, Object> cluster(ClusterSpec cluster) {
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("tls", Map.of("secretRef", cluster.tlsSecret().value()));
    spec.put(
        "ingress",
        cluster.ingress().stream()
            .map(it -> {
              Map<String, Object> node = new LinkedHashMap<>();
              node.put("name", it.name().value());
              node.put("listen", it.listen().toString());
              node.put("processorSocket", it.processorSocket());
              return node;
            })
            .toList());
    spec.put(
        "egress",
        cluster.egress().stream()
            .map(it -> {
              Map<String, Object> node = new LinkedHashMap<>();
              node.put("name", it.name().value());
              node.put("listen", it.listen().toString());
              return node;
            })
            .toList());
    return document("Cluster", cluster.tenant(), cluster.name(), spec);
  }

  /** A Destination document. */
  public static Map<String, Object> destination(DestinationSpec destination) {
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("url", destination.url().toString());
    destination.ca().ifPresent(it -> spec.put("caRef", it.value()));
    return document("Destination", destination.tenant(), destination.name(), spec);
  }

  /** An Endpoint document. */
  public static Map<String, Object> endpoint(EndpointSpec endpoint) {
    EndpointPolicy policy = endpoint.policy();
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("cluster", endpoint.cluster().value());
    spec.put("host", endpoint.host());
    spec.put("path", endpoint.path());
    spec.put("scheme", policy.scheme());
    putList(spec, "secretRefs", endpoint.secrets().stream().map(Name::value).toList());
    spec.put("destination", endpoint.destination().value());
    policy.tolerance().ifPresent(it -> spec.put("tolerance", it.toSeconds() + "s"));
    spec.put("maxBodyBytes", policy.maxBodyBytes());
    policy.publicUrl().ifPresent(it -> spec.put("publicUrl", it));
    if (policy.onDuplicate() == OnDuplicate.ACKNOWLEDGE) {
      spec.put("onDuplicate", "acknowledge");
    }
    if (policy.onStoreLoss() == OnStoreLoss.ACCEPT) {
      spec.put("onStoreLoss", "accept");
    }
    if (policy.onReceiptLoss() == OnReceiptLoss.REFUSE) {
      spec.put("onReceiptLoss", "refuse");
    }
    putCallers(spec, policy.client(), endpoint.callers());
    putTrust(spec, policy, endpoint.verifyToken());
    return document("Endpoint", endpoint.tenant(), endpoint.name(), spec);
  }

  private static void putCallers(
      Map<String, Object> spec, ClientRequirement client, EndpointSpec.Callers callers) {
    if (client.mtls() != ClientRequirement.Mtls.NONE) {
      Map<String, Object> asked = new LinkedHashMap<>();
      asked.put("mtls", CallersReader.word(client.mtls()));
      callers.clientCa().ifPresent(it -> asked.put("caRef", it.value()));
      putList(asked, "spiffeIds", client.spiffeIds());
      putList(asked, "sans", client.sans());
      spec.put("client", asked);
    }
    callers
        .rateLimit()
        .ifPresent(it -> {
          Map<String, Object> limits = new LinkedHashMap<>();
          limits.put(
              it.per() == RateLimit.Per.SECOND ? "requestsPerSecond" : "requestsPerMinute",
              it.requests());
          limits.put("burst", it.burst());
          spec.put("limits", limits);
        });
    putList(spec, "allowFrom", callers.allowFrom().stream().map(Cidr::toString).toList());
  }

  private static void putTrust(
      Map<String, Object> spec, EndpointPolicy policy, Optional<Name> verifyToken) {
    SchemeSettings settings = policy.settings();
    if (!policy.enforce()) {
      spec.put("enforce", false);
    }
    settings.definition().ifPresent(it -> spec.put("schemeDefinition", it));
    putList(spec, "topicArns", settings.topicArns());
    if (settings.autoConfirm()) {
      spec.put("autoConfirm", true);
    }
    settings
        .handshakeUntil()
        .map(Instant::toString)
        .ifPresent(it -> spec.put("handshakeUntil", it));
    putList(spec, "webhookOrigins", settings.webhookOrigins());
    verifyToken.ifPresent(it -> spec.put("verifyTokenRef", it.value()));
  }

  private static void putList(Map<String, Object> spec, String key, List<String> values) {
    if (!values.isEmpty()) {
      spec.put(key, values);
    }
  }

  private static Map<String, Object> document(
      String kind, Name tenant, Name name, Map<String, Object> spec) {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("name", name.value());
    metadata.put("tenant", tenant.value());
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("apiVersion", DocumentReader.API_VERSION);
    document.put("kind", kind);
    document.put("metadata", metadata);
    document.put("spec", spec);
    return document;
  }
}
