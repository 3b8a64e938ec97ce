package io.zenmesh.controlplane.publish;

import io.zenmesh.controlplane.custody.KeySchedule;
import io.zenmesh.controlplane.custody.KeySchedule.KeyLine;
import io.zenmesh.controlplane.custody.KeySchedule.Purpose;
import io.zenmesh.controlplane.custody.SealBrokenException;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.mesh.EndpointSpec;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The derived keys of all tenants while a fleet is built: each root is opened once. An endpoint of
 * scheme {@code zen} takes those of its own tenant, its cluster and purpose {@code ingress}.
 */
final class DerivedKeys implements AutoCloseable {
  private static final String SCHEME = "zen";
  private static final Logger LOG = LoggerFactory.getLogger(DerivedKeys.class);

  private final Map<StoredKey, SecretBytes> keys = new LinkedHashMap<>();

  private record Root(SecretRef ref, long version) {}

  /**
   * @param opening gives the value of a root, closed here
   */
  DerivedKeys(List<StoredKey> stored, Instant now, FleetBuilder.Opening opening) {
    Map<Root, SecretBytes> roots = new LinkedHashMap<>();
    try {
      for (StoredKey key : counting(stored, now)) {
        Root which = new Root(key.root().ref(), key.root().version());
        try {
          SecretBytes root =
              roots.computeIfAbsent(which, it -> opening.open(it.ref(), it.version()));
          keys.put(key, KeySchedule.key(root, key.line(), key.version()));
        } catch (SealBrokenException e) {
          LOG.error("left out of what is published: {} of {}", e.getMessage(), key.line());
        }
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    } finally {
      roots.values().forEach(SecretBytes::close);
    }
  }

  /** What can verify at an endpoint now or later. */
  static List<StoredKey> counting(List<StoredKey> stored, Instant now) {
    return stored.stream()
        .filter(it -> it.line().purpose() == Purpose.INGRESS)
        .filter(it -> it.mayCount(now))
        .toList();
  }

  /** An endpoint's, with bytes of their own. */
  List<VerificationKey> of(EndpointSpec endpoint) {
    boolean derives =
        endpoint.policy().scheme().equals(SCHEME)
            && endpoint.policy().settings().definition().isEmpty();
    if (!derives) {
      return List.of();
    }
    KeyLine line = new KeyLine(endpoint.tenant(), endpoint.cluster(), Purpose.INGRESS);
    List<VerificationKey> found = new ArrayList<>();
    keys.forEach((key, bytes) -> {
      if (key.line().equals(line)) {
        found.add(
            new VerificationKey(
                line.keyId(key.version()),
                KeyWindow.start(key.notBefore()),
                key.notAfter(),
                SecretBytes.takeOver(bytes.copy(SecretAccess.granted()))));
      }
    });
    return found;
  }

  @Override
  public void close() {
    keys.values().forEach(SecretBytes::close);
  }
}
