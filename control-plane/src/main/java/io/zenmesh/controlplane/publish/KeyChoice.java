package io.zenmesh.controlplane.publish;

import io.zenmesh.controlplane.custody.SealedVersion;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.custody.VersionHistory;
import io.zenmesh.controlplane.mesh.ClusterSpec;
import io.zenmesh.controlplane.mesh.EndpointSpec;
import io.zenmesh.controlplane.publish.SecretContents.Place;
import io.zenmesh.controlplane.publish.StoredSecret.StoredVersion;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Chooses which versions of which secrets go to a node. Pure. */
final class KeyChoice {
  /**
   * As many keys as a processor takes for one endpoint, less those that may be derived: no more of
   * a line count at a time.
   */
  static final int MAX_KEYS = 16 - VersionHistory.MAX_LIVE;

  private KeyChoice() {}

  /** One version of one secret. */
  record Chosen(SecretRef ref, StoredVersion version) {
    SealedVersion sealed() {
      return new SealedVersion(ref, version.number(), version.sealed().orElseThrow());
    }
  }

  /** Everything that a fleet of this state needs opened. */
  static List<SealedVersion> needed(
      StoredState state, Map<SecretRef, StoredSecret> secrets, Instant now) {
    List<SealedVersion> needed = new ArrayList<>();
    state
        .clusters()
        .forEach(it ->
            newest(new SecretRef(it.tenant(), it.tlsSecret()), secrets, now)
                .ifPresent(found -> needed.add(found.sealed())));
    for (EndpointSpec endpoint : state.endpoints()) {
      keys(endpoint, secrets, now).forEach(it -> needed.add(it.sealed()));
      endpoint
          .verifyToken()
          .flatMap(it -> newest(new SecretRef(endpoint.tenant(), it), secrets, now))
          .ifPresent(it -> needed.add(it.sealed()));
    }
    DerivedKeys.counting(state.keys(), now).forEach(it -> needed.add(it.root()));
    return needed;
  }

  /**
   * What verifies at an endpoint now or later: the newest version of each of its secrets, then the
   * older ones, newest first, as far as there is room.
   */
  static List<Chosen> keys(
      EndpointSpec endpoint, Map<SecretRef, StoredSecret> secrets, Instant now) {
    List<Chosen> newest = new ArrayList<>();
    List<Chosen> older = new ArrayList<>();
    for (Name name : endpoint.secrets()) {
      SecretRef ref = new SecretRef(endpoint.tenant(), name);
      List<StoredVersion> counting =
          stored(ref, secrets).versions().stream()
              .filter(it -> it.mayCount(now))
              .sorted(Comparator.comparingLong(StoredVersion::number).reversed())
              .toList();
      counting.stream().limit(1).forEach(it -> newest.add(new Chosen(ref, it)));
      counting.stream().skip(1).forEach(it -> older.add(new Chosen(ref, it)));
    }
    older.sort(Comparator.comparing((Chosen it) -> it.version().notBefore()).reversed());
    newest.addAll(older.subList(0, Math.min(older.size(), MAX_KEYS - newest.size())));
    return newest;
  }

  /** Which versions of which secrets each resource holds that refers to any. */
  static Map<Place, Map<SecretRef, SortedSet<Long>>> places(
      StoredState state, Map<SecretRef, StoredSecret> secrets, Instant now) {
    Map<Place, Map<SecretRef, SortedSet<Long>>> places = new HashMap<>();
    for (ClusterSpec cluster : state.clusters()) {
      SecretRef ref = new SecretRef(cluster.tenant(), cluster.tlsSecret());
      Place place = new Place(ResourceType.SECRET, FleetBuilder.secretName(ref));
      newest(ref, secrets, now).ifPresent(it -> add(places, place, it));
    }
    for (EndpointSpec endpoint : state.endpoints()) {
      Place place = new Place(ResourceType.KEYS, endpoint.policy().ref().routeName());
      List<Name> named = new ArrayList<>(endpoint.secrets());
      endpoint.verifyToken().ifPresent(named::add);
      Map<SecretRef, SortedSet<Long>> held = new HashMap<>();
      named.forEach(it -> held.put(new SecretRef(endpoint.tenant(), it), new TreeSet<>()));
      places.put(place, held);
      keys(endpoint, secrets, now).forEach(it -> add(places, place, it));
      endpoint
          .verifyToken()
          .flatMap(it -> newest(new SecretRef(endpoint.tenant(), it), secrets, now))
          .ifPresent(it -> add(places, place, it));
    }
    return places;
  }

  private static void add(
      Map<Place, Map<SecretRef, SortedSet<Long>>> places, Place place, Chosen chosen) {
    places
        .computeIfAbsent(place, it -> new HashMap<>())
        .computeIfAbsent(chosen.ref(), it -> new TreeSet<>())
        .add(chosen.version().number());
  }

  /** The newest version that counts; empty when none does. */
  static Optional<Chosen> newest(SecretRef ref, Map<SecretRef, StoredSecret> secrets, Instant now) {
    return stored(ref, secrets).versions().reversed().stream()
        .filter(it -> it.mayCount(now))
        .map(it -> new Chosen(ref, it))
        .findFirst();
  }

  private static StoredSecret stored(SecretRef ref, Map<SecretRef, StoredSecret> secrets) {
    StoredSecret found = secrets.get(ref);
    if (found == null) {
      throw new IllegalStateException("secret: " + ref + " (expected: stored)");
    }
    return found;
  }
}
