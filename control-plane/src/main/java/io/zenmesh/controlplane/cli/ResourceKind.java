package io.zenmesh.controlplane.cli;

import io.zenmesh.xds.model.Name;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** What can be read and removed by kind and name. */
enum ResourceKind {
  TENANT("tenants"),
  CLUSTER("clusters"),
  DESTINATION("destinations"),
  ENDPOINT("endpoints"),
  PRINCIPAL("principals"),
  TOKEN("tokens");

  private final String plural;

  ResourceKind(String plural) {
    this.plural = plural;
  }

  /**
   * The kind of that word, singular or plural.
   *
   * @throws CliException for any other word
   */
  static ResourceKind of(String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    for (ResourceKind kind : values()) {
      if (lower.equals(kind.plural) || lower.equals(kind.word())) {
        return kind;
      }
    }
    throw CliException.usage(
        "kind: "
            + word
            + " (expected: tenants, clusters, destinations, endpoints, principals or tokens)");
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Where the list is. */
  String path(Optional<Name> tenant) {
    return this == TENANT ? "/v1/tenants" : "/v1/tenants/" + tenant.orElseThrow() + "/" + plural;
  }

  /** The heading of its table. */
  List<String> heading(boolean wide) {
    return switch (this) {
      case TENANT -> List.of("NAME");
      case CLUSTER -> List.of("NAME", "INGRESS", "EGRESS", "TLS");
      case DESTINATION -> wide ? List.of("NAME", "URL", "CA") : List.of("NAME", "URL");
      case ENDPOINT ->
          wide
              ? List.of("NAME", "URL", "SCHEME", "DESTINATION", "CLUSTER", "SECRETS", "ENFORCED")
              : List.of("NAME", "URL", "SCHEME", "DESTINATION");
      case PRINCIPAL -> List.of("NAME", "ROLE", "SPIFFE ID");
      case TOKEN ->
          wide
              ? List.of("ID", "PRINCIPAL", "ROLE", "EXPIRES", "CREATED", "REVOKED")
              : List.of("ID", "PRINCIPAL", "ROLE", "EXPIRES");
    };
  }

  /** A row of its table. */
  List<String> row(JsonNode it, boolean wide) {
    String name = it.path("metadata").path("name").asString("");
    JsonNode spec = it.path("spec");
    return switch (this) {
      case TENANT -> List.of(name);
      case CLUSTER ->
          List.of(
              name,
              Integer.toString(spec.path("ingress").size()),
              Integer.toString(spec.path("egress").size()),
              spec.path("tls").path("secretRef").asString(""));
      case DESTINATION ->
          wide
              ? List.of(name, text(spec, "url"), text(spec, "caRef"))
              : List.of(name, text(spec, "url"));
      case ENDPOINT -> {
        String url = text(spec, "host") + text(spec, "path");
        yield wide
            ? List.of(
                name,
                url,
                text(spec, "scheme"),
                text(spec, "destination"),
                text(spec, "cluster"),
                spec.path("secretRefs").toString(),
                spec.path("enforce").asBoolean(true) ? "yes" : "no")
            : List.of(name, url, text(spec, "scheme"), text(spec, "destination"));
      }
      case PRINCIPAL -> List.of(text(it, "name"), text(it, "role"), text(it, "spiffeId"));
      case TOKEN ->
          wide
              ? List.of(
                  text(it, "id"),
                  text(it, "principal"),
                  text(it, "role"),
                  text(it, "expires"),
                  text(it, "created"),
                  text(it, "revoked"))
              : List.of(
                  text(it, "id"), text(it, "principal"), text(it, "role"), text(it, "expires"));
    };
  }

  private static String text(JsonNode node, String key) {
    return node.path(key).asString("");
  }
}
