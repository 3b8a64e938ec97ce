package io.zenmesh.controlplane.custody;

import io.zenmesh.xds.model.Name;
import java.util.List;

/** What the database knows of key-encryption keys. Thread-safe. */
public interface KekStore {
  /**
   * One key.
   *
   * @param id which one
   * @param live whether anything may still be wrapped under it
   * @param wraps how often it was used, at most
   * @param versions how many secret versions are wrapped under it
   */
  record Use(String id, boolean live, long wraps, long versions) {}

  /** Every key that was ever used, by id. */
  List<Use> uses();

  /** The tenants that have versions under another key than {@code current}. */
  List<Name> behind(String current);

  /** How many of a tenant's versions are under another key than {@code current}. */
  long countBehind(Name tenant, String current);

  /** Some of a tenant's versions that are under another key than {@code current}, {@code most}. */
  List<SealedVersion> someBehind(Name tenant, String current, int most);

  /**
   * A version whose data key was wrapped anew.
   *
   * @param before as it was read
   * @param after the same secret under another key
   */
  record Rewrapped(SealedVersion before, SealedSecret after) {}

  /**
   * Puts what was wrapped anew in place, in one short transaction. A version that has changed since
   * it was read, or is gone, is left as it is.
   *
   * @return how many are in place
   */
  int replace(Name tenant, List<Rewrapped> rewrapped);

  /**
   * Marks a key as destroyed, for ever, unless something is wrapped under it: then nothing changes.
   *
   * @return whether it is marked
   */
  boolean retire(String kekId);
}
