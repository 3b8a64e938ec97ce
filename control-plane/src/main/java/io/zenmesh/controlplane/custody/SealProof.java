package io.zenmesh.controlplane.custody;

import io.zenmesh.controlplane.audit.Actor;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Proves at start that the keyset is the one the database was sealed with: one secret of each
 * wrapping key must open. With a wrong keyset nothing is served and nothing is sealed anew.
 */
public final class SealProof {
  private SealProof() {}

  /**
   * @param sealed at least one secret of each wrapping key that is in use
   * @throws CustodyException when one does not open
   */
  public static void prove(Collection<SealedVersion> sealed, SecretOpener opener) {
    Map<String, SealedVersion> ofEachKek = new LinkedHashMap<>();
    sealed.forEach(it -> ofEachKek.putIfAbsent(it.sealed().kekId(), it));
    SecretOpener.Session session =
        opener.announce(Actor.system("start"), "seal-proof", ofEachKek.values());
    ofEachKek.forEach((kekId, secret) -> {
      try {
        session.open(secret.ref(), secret.version()).close();
      } catch (SealBrokenException e) {
        throw new CustodyException(
            "keyset: does not open secret "
                + secret.ref()
                + " of kek "
                + kekId
                + " (expected: the keyset it was sealed with; restore it from its backup)",
            e);
      }
    });
  }
}
