package io.zenmesh.xds.server;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Answers "there is none" for resource types this control plane does not serve. */
final class UnknownTypes {
  private static final int MAX_TYPES = 16;
  private static final int MAX_NAMES = 256;

  private final Set<String> seen = new HashSet<>();
  private final Map<String, Set<String>> owed = new LinkedHashMap<>();

  /** Takes a request in; false when the node asks for more than any Envoy would. */
  boolean ask(DeltaDiscoveryRequest request) {
    String url = request.getTypeUrl();
    boolean first = seen.add(url);
    if (seen.size() > MAX_TYPES) {
      return false;
    }
    if (first || request.getResourceNamesSubscribeCount() > 0) {
      Set<String> names = owed.computeIfAbsent(url, u -> new TreeSet<>());
      names.addAll(request.getResourceNamesSubscribeList());
      names.remove("*");
      return names.size() <= MAX_NAMES;
    }
    return true;
  }

  Optional<DeltaDiscoveryResponse> next(Supplier<String> nonce) {
    if (owed.isEmpty()) {
      return Optional.empty();
    }
    String url = owed.keySet().iterator().next();
    Set<String> names = owed.getOrDefault(url, Set.of());
    owed.remove(url);
    return Optional.of(
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(url)
            .setNonce(nonce.get())
            .addAllRemovedResources(names)
            .build());
  }
}
