package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.SealedSecret;
import io.zenmesh.controlplane.mesh.SecretSpec;
import io.zenmesh.controlplane.publish.StoredSecret;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Writes the secrets of one tenant, sealed. */
final class SecretRows {
  private final Handle handle;
  private final Name tenant;
  private final Envelope envelope;

  SecretRows(Handle handle, Name tenant, Envelope envelope) {
    this.handle = handle;
    this.tenant = tenant;
    this.envelope = envelope;
  }

  /** Whether what is stored opens to the same value, with the same certificate beside it. */
  boolean same(StoredSecret stored, SecretSpec desired) {
    if (stored.type() != desired.type()
        || !stored.certificatePem().equals(desired.certificatePem())) {
      return false;
    }
    return sameValue(stored, desired);
  }

  private boolean sameValue(StoredSecret stored, SecretSpec desired) {
    Optional<SecretBytes> value = desired.value();
    if (stored.sealed().isEmpty() || value.isEmpty()) {
      return stored.sealed().isEmpty() && value.isEmpty();
    }
    try (SecretBytes current =
        envelope.open(stored.ref(), stored.version(), stored.sealed().get())) {
      return current.sameAs(value.get());
    }
  }

  void insert(SecretSpec secret) {
    Optional<Long> version = secret.value().map(it -> nextVersion());
    write(
        "insert into secret (tenant, name, type, certificate, version)"
            + " values (:tenant, :name, :type, :certificate, :version)",
        secret,
        version);
    version.ifPresent(it -> insertVersion(secret, it));
  }

  /** A changed value gets a new version, and the ones before it are gone with the commit. */
  void update(SecretSpec secret) {
    Optional<Long> version = secret.value().map(it -> nextVersion());
    write(
        "update secret set type = :type, certificate = :certificate, version = :version"
            + " where tenant = :tenant and name = :name",
        secret,
        version);
    handle.execute(
        "delete from secret_version where tenant = ? and secret = ?",
        tenant.value(),
        secret.ref().name().value());
    version.ifPresent(it -> insertVersion(secret, it));
  }

  private void write(String sql, SecretSpec secret, Optional<Long> version) {
    handle
        .createUpdate(sql)
        .bind("tenant", tenant.value())
        .bind("name", secret.ref().name().value())
        .bind("type", secret.type().word())
        .bind("certificate", secret.certificatePem())
        .bind("version", version)
        .execute();
  }

  private long nextVersion() {
    return handle
        .createQuery(
            "insert into secret_counter (tenant, last) values (:tenant, 1)"
                + " on conflict (tenant) do update set last = secret_counter.last + 1"
                + " returning last")
        .bind("tenant", tenant.value())
        .mapTo(Long.class)
        .one();
  }

  private void insertVersion(SecretSpec secret, long version) {
    SealedSecret sealed = envelope.seal(secret.ref(), version, secret.value().orElseThrow());
    handle.execute(
        "insert into secret_version"
            + " (tenant, secret, version, algorithm, kek_id, wrapped_key, ciphertext)"
            + " values (?, ?, ?, ?, ?, ?, ?)",
        tenant.value(),
        secret.ref().name().value(),
        version,
        sealed.algorithm(),
        sealed.kekId(),
        sealed.wrappedKey(),
        sealed.ciphertext());
  }
}
