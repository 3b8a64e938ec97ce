package io.zenmesh.controlplane.publish;

import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.SealBrokenException;
import io.zenmesh.controlplane.custody.SealedSecret;
import java.util.HashSet;
import java.util.Set;

/**
 * Proves at start that the keyset is the one the database was sealed with: one secret of each
 * wrapping key must open. With a wrong keyset nothing is served and nothing is sealed anew.
 */
public final class SealProof {
  private SealProof() {}

  /**
   * @throws CustodyException when one does not open
   */
  public static void prove(StateReader state, Envelope envelope) {
    Set<String> proved = new HashSet<>();
    for (StoredSecret secret : state.read().secrets()) {
      if (secret.sealed().isEmpty()) {
        continue;
      }
      SealedSecret sealed = secret.sealed().get();
      if (!proved.add(sealed.kekId())) {
        continue;
      }
      try {
        envelope.open(secret.ref(), secret.version(), sealed).close();
      } catch (SealBrokenException e) {
        throw new CustodyException(
            "keyset: does not open secret "
                + secret.ref()
                + " of kek "
                + sealed.kekId()
                + " (expected: the keyset it was sealed with; restore it from its backup)",
            e);
      }
    }
  }
}
