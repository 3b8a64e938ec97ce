package io.zenmesh.xds.lint;

import com.github.xds.type.v3.TypedStruct;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Judges whether clients can set what only the processor may: the headers under {@code x-zen-}. */
final class ClientHeaderLint {
  private static final String MUTATION =
      "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation";

  private final HttpConnectionManager reference;
  private final Findings findings;

  ClientHeaderLint(HttpConnectionManager reference, Findings findings) {
    this.reference = reference;
    this.findings = findings;
  }

  void lint(Place manager) {
    strip(manager);
    underscores(manager);
    internal(manager);
  }

  /** An internal request may set x-envoy-retry-on, and a retry is one delivery more. */
  private void internal(Place manager) {
    boolean ownAddress = manager.text("use_remote_address").equals("true");
    manager
        .get("internal_address_config")
        .filter(it -> !ownAddress && it.fields().values().stream().anyMatch(f -> !f.isUnset()))
        .ifPresent(it ->
            findings.add(
                it,
                "a client's x-forwarded-for makes its request internal, so that Envoy obeys its"
                    + " x-envoy- headers (expected: use_remote_address: true beside it)",
                "set use_remote_address: true, or remove internal_address_config"));
  }

  /** Clients must not be able to set our result headers. */
  private void strip(Place manager) {
    List<Place> extensions = manager.items("early_header_mutation_extensions");
    Set<Value> given = new HashSet<>();
    for (Place extension : extensions) {
      Optional<Place> config = extension.get("typed_config");
      if (config.isEmpty() || !config.get().type().equals(MUTATION)) {
        findings.add(
            extension, "unknown early header mutation (expected: HeaderMutation)", "remove it");
        continue;
      }
      for (Place mutation : config.get().typed().items("mutations")) {
        given.add(mutation.value());
        if (!Set.of("remove", "remove_on_match").containsAll(mutation.fields().keySet())) {
          findings.add(mutation, "sets a header (expected: only removals)", "remove it");
        }
      }
    }
    if (!given.containsAll(stripped(reference))) {
      findings.add(
          manager.get("early_header_mutation_extensions").orElse(manager),
          "clients can set x-zen- headers (expected: the early header mutation that removes them)",
          Findings.PASTE);
    }
  }

  /** Many servers read {@code x_zen_tenant} as {@code x-zen-tenant}, which nothing has stripped. */
  private void underscores(Place manager) {
    Optional<Place> action =
        manager.get("common_http_protocol_options", "headers_with_underscores_action");
    boolean refused =
        action
            .flatMap(Place::text)
            .filter(Set.of("REJECT_REQUEST", "DROP_HEADER", "1", "2")::contains)
            .isPresent();
    if (!refused) {
      findings.add(
          action.or(() -> manager.get("common_http_protocol_options")).orElse(manager),
          "clients can set x_zen_ headers, which many servers read as x-zen- (expected:"
              + " headers_with_underscores_action: REJECT_REQUEST)",
          "set it in common_http_protocol_options");
    }
  }

  private static Set<Value> stripped(HttpConnectionManager reference) {
    try {
      return Set.copyOf(
          reference
              .getEarlyHeaderMutationExtensions(0)
              .getTypedConfig()
              .unpack(TypedStruct.class)
              .getValue()
              .getFieldsOrThrow("mutations")
              .getListValue()
              .getValuesList());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("ingress-listener: (expected: a strip rule)", e);
    }
  }
}
