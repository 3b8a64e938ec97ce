package io.zenmesh.controlplane.custody;

import io.zenmesh.controlplane.custody.KeySchedule.KeyLine;
import io.zenmesh.xds.model.Name;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Where secrets lie. Thread-safe. */
public interface SecretStore {
  /**
   * Runs work on one tenant's secrets in one transaction: all of it is kept, or nothing when the
   * work throws.
   *
   * @throws UnknownTenantException when there is no such tenant
   */
  <T> T change(Name tenant, Function<Shelf, T> work);

  /** One tenant's secrets, within one transaction. */
  interface Shelf {
    /** A secret, kept from others until the transaction ends; empty when there is none. */
    Optional<SecretRecord> find(Name name);

    /** Makes a secret without a version, one that no mesh file names. */
    SecretRecord create(Name name, SecretType type);

    /** A number that no version of any of the tenant's secrets ever had. */
    long nextVersion();

    /** A version's ciphertext; empty when it was destroyed or never was. */
    Optional<SealedVersion> sealed(Name name, long version);

    /**
     * Writes what has changed between two histories of a secret.
     *
     * @param fresh the ciphertext of the version that is new in {@code after}; empty when none is
     */
    void write(
        Name name, VersionHistory before, VersionHistory after, Optional<SealedSecret> fresh);

    /** Every secret of the tenant, by name. */
    List<SecretRecord> all();

    /** Every line of derived keys of the tenant that has a version, with all its versions. */
    Map<KeyLine, VersionHistory> keyLines();

    /** The versions of the tenant's root that keys are derived from which count or may later. */
    Set<Long> rootsOfKeys(Instant now);

    /** A number that no version of this line ever had, kept from others until the end. */
    long nextKeyVersion(KeyLine line);

    /**
     * Writes what has changed between two histories of a line.
     *
     * @param rootVersion the root that a version new in {@code after} is derived from
     */
    void writeKeys(KeyLine line, VersionHistory before, VersionHistory after, long rootVersion);
  }
}
