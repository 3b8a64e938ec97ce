package io.zenmesh.controlplane.custody;

import io.zenmesh.controlplane.audit.Actor;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proves at start that the keyset is the one the database was sealed with: of some secrets under
 * each wrapping key one must open. With a wrong keyset nothing is served and nothing is sealed
 * anew.
 */
public final class SealProof {
  private static final Logger LOG = LoggerFactory.getLogger(SealProof.class);

  private SealProof() {}

  /**
   * @param sealed some secrets of each wrapping key that is in use
   * @throws CustodyException when of one key none opens
   */
  public static void prove(Collection<SealedVersion> sealed, SecretOpener opener) {
    SecretOpener.Session session = opener.announce(Actor.system("start"), "seal-proof", sealed);
    sealed.stream()
        .collect(
            Collectors.groupingBy(it -> it.sealed().kekId(), TreeMap::new, Collectors.toList()))
        .forEach((kekId, samples) -> ofOne(kekId, samples, session));
  }

  /** One that opens proves the key; one that does not is damaged itself then. */
  private static void ofOne(
      String kekId, List<SealedVersion> samples, SecretOpener.Session session) {
    Optional<SealBrokenException> broken = Optional.empty();
    boolean proved = false;
    for (SealedVersion sample : samples) {
      try {
        session.open(sample.ref(), sample.version()).close();
        proved = true;
      } catch (SealBrokenException e) {
        broken = Optional.of(broken.orElse(e));
      }
    }
    if (!proved) {
      throw new CustodyException(
          "keyset: does not open secret "
              + samples.getFirst().ref()
              + " of kek "
              + kekId
              + " (expected: the keyset it was sealed with; restore it from its backup)",
          broken.orElseThrow());
    }
    broken.ifPresent(it -> LOG.error("damaged: {}", it.getMessage()));
  }
}
