package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.mesh.MeshReading;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.controlplane.tenant.Role;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Everything that can be said to a control plane, found in the contract and by asking the reader of
 * documents itself: where audit goes is said by the options of its process alone.
 */
class AuditPlacesTest {
  /** What a field about audit, its copies or its witnesses would be called. */
  private static final Pattern ABOUT_AUDIT =
      Pattern.compile("audit|archiv|witness|cosign|checkpoint|receipt|retention|ledger|journal");

  /** What is there, each with why it chooses no place. */
  private static final Map<String, String> HARMLESS =
      Map.of(
          "Tenant.auditRetention", "for how long; the operator's alone, with a floor of a day",
          "Endpoint.onReceiptLoss", "accept or refuse, when there is no room");

  private static final Pattern ONE_OF = Pattern.compile("\\(expected: one of ([A-Za-z, ]+)\\)");
  private static final List<String> KINDS = List.of("Tenant", "Cluster", "Destination", "Endpoint");

  @TempDir Path folder;
  private JsonNode contract = new YAMLMapper().createObjectNode();
  private JsonNode access = new YAMLMapper().createObjectNode();
  private TestMesh mesh;

  @BeforeEach
  void read() throws IOException {
    contract = resource("openapi.yaml");
    access = resource("access.yaml");
    mesh = TestMesh.in(folder);
  }

  private static JsonNode resource(String name) throws IOException {
    try (InputStream in = Main.class.getResourceAsStream("api/" + name)) {
      return new YAMLMapper().readTree(Objects.requireNonNull(in).readAllBytes());
    }
  }

  private static boolean aboutAudit(String name) {
    return ABOUT_AUDIT.matcher(name.toLowerCase(Locale.ROOT)).find();
  }

  private JsonNode resolved(JsonNode stated) {
    String reference = stated.path("$ref").asString("");
    return reference.isEmpty() ? stated : contract.at(reference.substring(1));
  }

  /** Names of everything below a schema that a sender may fill. */
  private void fields(JsonNode stated, Set<String> into) {
    JsonNode schema = resolved(stated);
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      into.add(property.getKey());
      fields(property.getValue(), into);
    }
    for (String part : List.of("items", "additionalProperties")) {
      if (schema.path(part).isObject()) {
        fields(schema.path(part), into);
      }
    }
    for (String part : List.of("oneOf", "anyOf", "allOf")) {
      schema.path(part).forEach(it -> fields(it, into));
    }
  }

  private record Operation(String id, Set<String> names, boolean tenantsMay) {}

  private boolean tenantsMay(String id) {
    JsonNode row = access.path(id);
    return row.isString()
        || Stream.of(Role.values())
            .filter(Role::inTenant)
            .anyMatch(it -> row.path(it.word()).asString("").equals("allow"));
  }

  /** Each operation, with every name that a request to it may bear. */
  private List<Operation> operations() {
    List<Operation> found = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : contract.path("paths").properties()) {
      for (JsonNode operation : path.getValue()) {
        Set<String> names = new TreeSet<>();
        operation
            .path("parameters")
            .forEach(it -> names.add(resolved(it).path("name").asString("")));
        JsonNode body = resolved(operation.path("requestBody"));
        body.path("content").forEach(it -> fields(it.path("schema"), names));
        String id = operation.path("operationId").asString("");
        found.add(new Operation(id, names, tenantsMay(id)));
      }
    }
    return found;
  }

  /** The keys that the reader says it takes at a place of a document of this kind. */
  private List<String> keys(String kind, String place, boolean listed) {
    String owner = kind.equals("Tenant") ? "" : ", tenant: acme";
    StringBuilder value = new StringBuilder("{nobodyAsksForIt: x}");
    List<String> steps = place.isEmpty() ? List.of() : List.of(place.split("\\.", -1));
    for (String step : steps.reversed()) {
      boolean innermost = step.equals(steps.getLast()) && listed;
      value = new StringBuilder("{" + step + ": " + (innermost ? "[" + value + "]" : value) + "}");
    }
    String yaml =
        "apiVersion: zenmesh.io/v1alpha1\nkind: %s\nmetadata: {name: acme%s}\nspec: %s\n"
            .formatted(kind, owner, value);
    if (!(mesh.reader().read("mesh.yaml", yaml) instanceof MeshReading.Bad bad)) {
      throw new AssertionError("taken: " + yaml);
    }
    return bad.problems().stream()
        .map(Object::toString)
        .filter(it -> it.contains("unknown key"))
        .filter(it -> it.contains("nobodyAsksForIt"))
        .map(ONE_OF::matcher)
        .filter(Matcher::find)
        .flatMap(it -> Stream.of(it.group(1).split(", ", -1)))
        .toList();
  }

  /** Every key of a kind, at whatever depth, found by asking for one that is none. */
  private Set<String> places(String kind) {
    Set<String> found = new LinkedHashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(""));
    while (!open.isEmpty()) {
      String place = open.removeFirst();
      Set<String> keys = new LinkedHashSet<>(keys(kind, place, false));
      keys.addAll(keys(kind, place, true));
      for (String key : keys) {
        String deeper = place.isEmpty() ? key : place + "." + key;
        if (found.add(deeper)) {
          open.add(deeper);
        }
      }
    }
    return found;
  }

  @Test
  void A15_noDocument_saysWhereAuditGoes() {
    Map<String, Set<String>> found =
        KINDS.stream().collect(Collectors.toMap(it -> it, this::places));
    // The way of finding them finds them, deep ones too.
    assertThat(found.get("Cluster")).contains("ingress.processorSocket", "tls.secretRef");
    assertThat(found.get("Endpoint")).contains("destination", "limits.burst", "client.sans");
    assertThat(found.get("Destination")).contains("url");
    Set<String> about = new TreeSet<>();
    found.forEach((kind, places) ->
        places.stream()
            .filter(AuditPlacesTest::aboutAudit)
            .forEach(it -> about.add(kind + "." + it)));
    assertThat(about).isEqualTo(new TreeSet<>(HARMLESS.keySet()));
  }

  @Test
  void A15_kindsOfDocuments_areThoseOfTheContract() {
    JsonNode kinds = contract.at("/components/schemas/Document/properties/kind/enum");
    List<String> named = new ArrayList<>();
    kinds.forEach(it -> named.add(it.asString()));
    assertThat(named).containsExactlyInAnyOrderElementsOf(KINDS);
  }

  /** A tenant asks for its record; nothing that it can send is about where it goes. */
  @Test
  void A15_noRequestOfATenant_saysWhereAuditGoes() {
    List<Operation> operations = operations();
    assertThat(operations).hasSizeGreaterThan(40);
    assertThat(operations).filteredOn(Operation::tenantsMay).hasSizeGreaterThan(30);
    assertThat(operations)
        .filteredOn(it -> it.names().stream().anyMatch(AuditPlacesTest::aboutAudit))
        .extracting(Operation::id)
        .containsExactly("putTenant");
    assertThat(operations)
        .filteredOn(it -> it.id().equals("putTenant") || it.id().equals("applyMesh"))
        .hasSize(2)
        .noneMatch(Operation::tenantsMay);
  }

  /** What the process is told is said in no other way under the same name. */
  @Test
  void A15_optionsOfTheProcess_areNoFieldsOfRequestsOrDocuments() {
    Set<String> options =
        new CommandLine(new Main.Serve())
            .getCommandSpec().options().stream()
                .filter(it -> !it.usageHelp() && !it.versionHelp())
                .map(it -> it.longestName().replaceFirst("^--", ""))
                .map(AuditPlacesTest::camelCase)
                .collect(Collectors.toCollection(TreeSet::new));
    assertThat(options).contains("auditDir", "auditArchive", "witness", "witnessKey", "witnessId");
    Set<String> fields = new TreeSet<>();
    KINDS.forEach(
        kind -> places(kind).forEach(it -> fields.add(it.substring(it.lastIndexOf('.') + 1))));
    operations().forEach(it -> fields.addAll(it.names()));
    assertThat(fields)
        .contains("url", "processorSocket", "cursor")
        .doesNotContainAnyElementsOf(options);
  }

  private static String camelCase(String option) {
    return Pattern.compile("-(.)")
        .matcher(option)
        .replaceAll(it -> it.group(1).toUpperCase(Locale.ROOT));
  }
}
