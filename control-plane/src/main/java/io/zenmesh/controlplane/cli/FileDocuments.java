package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.custody.SecretType;
import io.zenmesh.controlplane.mesh.KeptSecret;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.mesh.MeshProblem;
import io.zenmesh.controlplane.mesh.MeshReader;
import io.zenmesh.controlplane.mesh.MeshReading;
import io.zenmesh.controlplane.mesh.MeshText;
import io.zenmesh.controlplane.mesh.SecretSource;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.model.Name;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A mesh file's documents in the form that the API answers, usual values filled in, so that the two
 * can be compared. Secrets are left out. What the documents only refer to is taken for granted: the
 * control plane knows whether it is there.
 */
final class FileDocuments {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final YAMLMapper YAML = new YAMLMapper();

  private final Map<String, JsonNode> stated = new LinkedHashMap<>();
  private final Map<String, String> granted = new LinkedHashMap<>();
  private final Map<SecretRef, SecretType> secrets = new LinkedHashMap<>();

  private FileDocuments() {}

  /** One document in normal form. */
  record Normal(ResourceKind kind, Name tenant, Name name, JsonNode document) {
    String path() {
      return kind == ResourceKind.TENANT
          ? "/v1/tenants/" + name
          : kind.path(Optional.of(tenant)) + "/" + name;
    }

    String subject() {
      return kind == ResourceKind.TENANT
          ? "tenant " + name
          : kind.word() + " " + tenant + "/" + name;
    }
  }

  /**
   * Reads a file's text.
   *
   * @throws CliException with all its problems
   */
  static List<Normal> read(Path file, String text) {
    FileDocuments documents = new FileDocuments();
    try (MappingIterator<JsonNode> each = YAML.readerFor(JsonNode.class).readValues(text)) {
      each.forEachRemaining(documents::add);
    } catch (JacksonException e) {
      throw CliException.failed(
          file + ": not well-formed (expected: YAML; try zenctl mesh validate)");
    }
    return documents.normal(file);
  }

  private void add(JsonNode document) {
    String kind = document.path("kind").asString("");
    String name = document.path("metadata").path("name").asString("");
    String tenant = document.path("metadata").path("tenant").asString(name);
    if (document.isMissingNode() || document.isNull() || !Name.isValid(tenant)) {
      return;
    }
    if (kind.equals("Secret")) {
      secret(tenant, document.path("metadata").path("name"), type(document));
      return;
    }
    stated.put(key(kind, tenant, name), document);
    JsonNode spec = document.path("spec");
    if (!tenant.equals(Name.SYSTEM.value())) {
      granted.put(key("Tenant", tenant, tenant), json(MeshText.tenant(new Name(tenant))));
    }
    secret(tenant, spec.path("tls").path("secretRef"), SecretType.TLS);
    secret(tenant, spec.path("caRef"), SecretType.CA);
    secret(tenant, spec.path("client").path("caRef"), SecretType.CA);
    secret(tenant, spec.path("verifyTokenRef"), SecretType.SIGNING);
    spec.path("secretRefs").forEach(it -> secret(tenant, it, SecretType.SIGNING));
    if (kind.equals("Endpoint")) {
      grantCluster(spec.path("cluster").asString(""));
      grantDestination(tenant, spec.path("destination").asString(""));
    }
  }

  private static SecretType type(JsonNode document) {
    return switch (document.path("spec").path("type").asString("")) {
      case "tls" -> SecretType.TLS;
      case "ca" -> SecretType.CA;
      default -> SecretType.SIGNING;
    };
  }

  private void secret(String tenant, JsonNode name, SecretType type) {
    if (Name.isValid(name.asString(""))) {
      secrets.putIfAbsent(new SecretRef(new Name(tenant), new Name(name.asString())), type);
    }
  }

  private void grantCluster(String name) {
    if (Name.isValid(name)) {
      secrets.putIfAbsent(new SecretRef(Name.SYSTEM, new Name("granted")), SecretType.TLS);
      granted.put(
          "Cluster " + name,
          """
          {"apiVersion":"zenmesh.io/v1alpha1","kind":"Cluster",
           "metadata":{"name":"%s","tenant":"system"},
           "spec":{"tls":{"secretRef":"granted"},
            "ingress":[{"name":"i","listen":"127.0.0.1:1","processorSocket":"/s"}],
            "egress":[{"name":"e","listen":"127.0.0.1:1"}]}}
          """
              .formatted(name));
    }
  }

  private void grantDestination(String tenant, String name) {
    if (Name.isValid(name)) {
      granted.put(
          key("Destination", tenant, name),
          """
          {"apiVersion":"zenmesh.io/v1alpha1","kind":"Destination",
           "metadata":{"name":"%s","tenant":"%s"},"spec":{"url":"https://granted.invalid"}}
          """
              .formatted(name, tenant));
    }
  }

  /** Clusters have one name space. */
  private static String key(String kind, String tenant, String name) {
    return kind.equals("Cluster") ? kind + " " + name : kind + " " + tenant + "/" + name;
  }

  private static String json(Map<String, Object> document) {
    return JSON.writeValueAsString(document);
  }

  private List<Normal> normal(Path file) {
    StringBuilder text = new StringBuilder();
    stated.values().forEach(it -> text.append("---\n").append(it).append('\n'));
    Set<String> missing = new LinkedHashSet<>(granted.keySet());
    missing.removeAll(stated.keySet());
    missing.forEach(it -> text.append("---\n").append(granted.get(it)).append('\n'));
    List<KeptSecret> kept =
        secrets.entrySet().stream().map(it -> new KeptSecret(it.getKey(), it.getValue())).toList();
    MeshReader reader =
        new MeshReader(
            Catalogue.bundled(),
            new SecretSource(file.toAbsolutePath().resolveSibling(""), it -> Optional.empty()),
            InstantSource.system());
    return switch (reader.readBeside(String.valueOf(file.getFileName()), text.toString(), kept)) {
      case MeshReading.Bad(List<MeshProblem> problems) ->
          throw CliException.failed(
              file
                  + ": has problems\n  "
                  + String.join(
                      "\n  ",
                      problems.stream().map(it -> it.subject() + ": " + it.text()).toList()));
      case MeshReading.Good(Mesh mesh) -> rendered(mesh);
    };
  }

  private List<Normal> rendered(Mesh mesh) {
    List<Normal> all = new ArrayList<>();
    mesh.tenants()
        .forEach(it ->
            add(all, ResourceKind.TENANT, it, it, MeshText.tenant(it, mesh.auditRetention(it))));
    mesh.clusters()
        .forEach(
            it -> add(all, ResourceKind.CLUSTER, it.tenant(), it.name(), MeshText.cluster(it)));
    mesh.destinations()
        .forEach(it ->
            add(all, ResourceKind.DESTINATION, it.tenant(), it.name(), MeshText.destination(it)));
    mesh.endpoints()
        .forEach(
            it -> add(all, ResourceKind.ENDPOINT, it.tenant(), it.name(), MeshText.endpoint(it)));
    return all;
  }

  private void add(
      List<Normal> all, ResourceKind kind, Name tenant, Name name, Map<String, Object> document) {
    String word = String.valueOf(document.get("kind"));
    if (stated.containsKey(key(word, tenant.value(), name.value()))) {
      all.add(new Normal(kind, tenant, name, JSON.valueToTree(document)));
    }
  }
}
