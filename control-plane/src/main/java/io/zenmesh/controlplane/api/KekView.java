package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.custody.KekRotation;
import java.util.List;

/**
 * A key-encryption key as the API shows it.
 *
 * @param current whether new data keys are wrapped under it
 * @param present whether the control plane has it
 * @param live whether anything may be wrapped under it
 * @param wraps how often it was used, at most
 * @param versions how many secret versions are under it
 */
public record KekView(
    String id, boolean current, boolean present, boolean live, long wraps, long versions) {
  static KekView of(KekRotation.Kek kek) {
    return new KekView(
        kek.id(), kek.current(), kek.present(), kek.live(), kek.wraps(), kek.versions());
  }

  /** Every key. */
  public record Keks(List<KekView> items) {
    /** Copies the list. */
    public Keks {
      items = List.copyOf(items);
    }
  }

  /**
   * What a rotation did.
   *
   * @param current the id of the key that is current now
   * @param rewrapped how many data keys were wrapped anew
   * @param destroyed the keys that are gone
   * @param broken secret versions that do not open, and so stay under their key
   */
  public record Rotated(
      String current, long rewrapped, List<String> destroyed, List<String> broken) {
    /** Copies the lists. */
    public Rotated {
      destroyed = List.copyOf(destroyed);
      broken = List.copyOf(broken);
    }
  }
}
