package io.zenmesh.controlplane.custody;

import io.zenmesh.xds.model.Name;
import java.util.List;
import java.util.function.Function;

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

  /**
   * Wraps some of a tenant's data keys anew, in one transaction.
   *
   * @param current what is under this key is left alone
   * @param most how many at once
   * @param rewrap gives the same secret under the current key
   * @return how many
   */
  int rewrap(Name tenant, String current, int most, Function<SealedVersion, SealedSecret> rewrap);

  /**
   * Marks a key as destroyed, for ever, unless something is wrapped under it: then nothing changes.
   *
   * @return whether it is marked
   */
  boolean retire(String kekId);
}
