package io.zenmesh.xds.client;

import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.secret.EndpointKeys;
import io.zenmesh.xds.snapshot.ResourceType;
import io.zenmesh.xds.wire.PolicyCodec;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The policies and keys accepted so far, with their versions. A response changes all of what it
 * names or nothing. Not thread-safe.
 */
final class AcceptedSet {
  private record Versioned<T>(String version, T value) {}

  private final PolicyListener listener;
  private final Set<ResourceType> answered = EnumSet.noneOf(ResourceType.class);
  private Map<EndpointRef, Versioned<EndpointPolicy>> policies = Map.of();
  private Map<EndpointRef, Versioned<EndpointKeys>> keys = Map.of();

  AcceptedSet(PolicyListener listener) {
    this.listener = listener;
  }

  /** Whether a first answer of both types was accepted. */
  boolean complete() {
    return answered.contains(ResourceType.POLICY) && answered.contains(ResourceType.KEYS);
  }

  /** What is held of a type, name to version. */
  Map<String, String> versions(ResourceType type) {
    Map<String, String> versions = new HashMap<>();
    switch (type) {
      case POLICY -> policies.forEach((ref, held) -> versions.put(ref.routeName(), held.version()));
      case KEYS -> keys.forEach((ref, held) -> versions.put(ref.routeName(), held.version()));
      case SECRET, CLUSTER, ENDPOINT, LISTENER, ROUTE -> {}
    }
    return versions;
  }

  /**
   * Takes a response up, or leaves everything as it was.
   *
   * @return empty when accepted, otherwise why not
   */
  Optional<String> offer(ResourceType type, DeltaDiscoveryResponse response) {
    Map<EndpointRef, Versioned<EndpointPolicy>> nextPolicies = new HashMap<>(policies);
    Map<EndpointRef, Versioned<EndpointKeys>> nextKeys = new HashMap<>(keys);
    try {
      requireUniqueNames(response);
      switch (type) {
        case POLICY -> change(response, nextPolicies, AcceptedSet::policy);
        case KEYS -> change(response, nextKeys, AcceptedSet::keysOf);
        case SECRET, CLUSTER, ENDPOINT, LISTENER, ROUTE ->
            throw new IllegalArgumentException("type: " + type + " (expected: POLICY or KEYS)");
      }
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (InvalidProtocolBufferException e) {
      // Its text may quote the input.
      return Optional.of("resource: malformed (expected: a " + type + " message)");
    }
    Optional<String> refusal = ask(new PolicySet(plain(nextPolicies), plain(nextKeys)));
    if (refusal.isEmpty()) {
      policies = Map.copyOf(nextPolicies);
      keys = Map.copyOf(nextKeys);
      answered.add(type);
    }
    return refusal;
  }

  private Optional<String> ask(PolicySet candidate) {
    try {
      return listener.apply(candidate);
    } catch (RuntimeException e) {
      // Only the kind of failure: its text might hold what the set holds.
      return Optional.of("listener: failed with " + e.getClass().getSimpleName());
    }
  }

  @FunctionalInterface
  private interface Reader<T> {
    T read(EndpointRef ref, Resource resource) throws InvalidProtocolBufferException;
  }

  private static <T> void change(
      DeltaDiscoveryResponse response, Map<EndpointRef, Versioned<T>> held, Reader<T> reader)
      throws InvalidProtocolBufferException {
    for (Resource resource : response.getResourcesList()) {
      if (!resource.getResource().getTypeUrl().equals(response.getTypeUrl())) {
        throw new IllegalArgumentException(
            resource.getName() + ": another type (expected: " + response.getTypeUrl() + ")");
      }
      EndpointRef ref = EndpointRef.parse(resource.getName());
      held.put(ref, new Versioned<>(resource.getVersion(), reader.read(ref, resource)));
    }
    response.getRemovedResourcesList().forEach(name -> held.remove(EndpointRef.parse(name)));
  }

  private static EndpointPolicy policy(EndpointRef ref, Resource resource)
      throws InvalidProtocolBufferException {
    EndpointPolicy policy =
        PolicyCodec.decode(
            io.zenmesh.xds.wire.v1.EndpointPolicy.parseFrom(resource.getResource().getValue()));
    requireSame(ref, policy.ref());
    return policy;
  }

  private static EndpointKeys keysOf(EndpointRef ref, Resource resource)
      throws InvalidProtocolBufferException {
    EndpointKeys found =
        PolicyCodec.decode(
            io.zenmesh.xds.wire.v1.EndpointKeys.parseFrom(resource.getResource().getValue()));
    requireSame(ref, found.ref());
    return found;
  }

  private static void requireSame(EndpointRef name, EndpointRef content) {
    if (!name.equals(content)) {
      throw new IllegalArgumentException(
          "resource: " + name + " holds " + content + " (expected: its own name)");
    }
  }

  private static void requireUniqueNames(DeltaDiscoveryResponse response) {
    Set<String> names = new HashSet<>();
    for (Resource resource : response.getResourcesList()) {
      if (!names.add(resource.getName())) {
        throw new IllegalArgumentException(
            "resource: " + resource.getName() + " twice (expected: unique names)");
      }
    }
    for (String name : response.getRemovedResourcesList()) {
      if (!names.add(name)) {
        throw new IllegalArgumentException(
            "resource: " + name + " sent and removed (expected: one of the two)");
      }
    }
  }

  private static <T> Map<EndpointRef, T> plain(Map<EndpointRef, Versioned<T>> held) {
    Map<EndpointRef, T> plain = new HashMap<>();
    held.forEach((ref, versioned) -> plain.put(ref, versioned.value()));
    return plain;
  }
}
