package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.SealedSecret;
import io.zenmesh.controlplane.custody.SecretRecord;
import io.zenmesh.controlplane.custody.SecretType;
import io.zenmesh.controlplane.custody.ValueMark;
import io.zenmesh.controlplane.custody.VersionHistory;
import io.zenmesh.controlplane.custody.VersionHistory.Verb;
import io.zenmesh.controlplane.mesh.SecretSpec;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Makes the secrets of one tenant those that a mesh declares. Opens none: whether a declared value
 * is new is told by its mark.
 */
final class SecretRows {
  private final Handle handle;
  private final Name tenant;
  private final Tools tools;
  private final SecretShelf shelf;

  SecretRows(Handle handle, Name tenant, Tools tools) {
    this.handle = handle;
    this.tenant = tenant;
    this.tools = tools;
    this.shelf = new SecretShelf(handle, tenant);
  }

  /** What sealing needs. */
  record Tools(Envelope envelope, ValueMark mark, InstantSource clock) {
    Instant now() {
      return clock.instant().truncatedTo(ChronoUnit.MICROS); // as the store keeps it
    }
  }

  /**
   * A secret that the last mesh file named.
   *
   * @param mark of the value it pointed to; empty when it pointed to none
   */
  record Declared(
      Name name, SecretType type, Optional<String> certificatePem, Optional<byte[]> mark) {}

  List<Declared> declared() {
    return handle
        .createQuery(
            "select name, type, certificate, mark from secret where declared order by name")
        .map((row, context) ->
            new Declared(
                new Name(row.getString("name")),
                SecretType.valueOf(row.getString("type").toUpperCase(Locale.ROOT)),
                Optional.ofNullable(row.getString("certificate")),
                Optional.ofNullable(row.getBytes("mark"))))
        .list();
  }

  /** Whether the mesh says nothing new of it. */
  boolean same(Declared stored, SecretSpec desired) {
    if (stored.type() != desired.type()
        || !stored.certificatePem().equals(desired.certificatePem())) {
      return false;
    }
    Optional<byte[]> mark = mark(desired);
    return mark.isPresent() == stored.mark().isPresent()
        && mark.map(it -> MessageDigest.isEqual(it, stored.mark().orElseThrow())).orElse(true);
  }

  private Optional<byte[]> mark(SecretSpec secret) {
    return secret.value().map(it -> tools.mark().of(secret.ref(), it));
  }

  /** A name that is new in the mesh; an operator may have put a secret under it before. */
  void insert(SecretSpec secret) {
    handle.execute(
        "insert into secret (tenant, name, type, certificate, version) values (?, ?, 'signing',"
            + " null, null) on conflict (tenant, name) do nothing",
        tenant.value(),
        secret.ref().name().value());
    update(secret);
  }

  /**
   * A changed value becomes a new version. That of a signing secret overlaps with the ones before
   * it; of any other secret only the newest counts.
   */
  void update(SecretSpec secret) {
    Name name = secret.ref().name();
    SecretRecord record = shelf.find(name).orElseThrow();
    if (record.type() != secret.type()) {
      handle.execute(
          "update secret set version = null, type = 'signing', certificate = null"
              + " where tenant = ? and name = ?",
          tenant.value(),
          name.value());
      handle.execute(
          "delete from secret_version where tenant = ? and secret = ?",
          tenant.value(),
          name.value());
      record = shelf.find(name).orElseThrow();
    }
    Optional<byte[]> before = storedMark(name);
    Optional<byte[]> mark = mark(secret);
    boolean newValue =
        mark.isPresent() && !before.map(it -> MessageDigest.isEqual(it, mark.get())).orElse(false);
    SecretRecord known = record;
    Optional<Long> version =
        newValue ? Optional.of(addVersion(secret, known)) : known.history().newest();
    handle
        .createUpdate(
            "update secret set type = :type, certificate = :certificate, version = :version,"
                + " declared = true, mark = :mark where tenant = :tenant and name = :name")
        .bind("tenant", tenant.value())
        .bind("name", name.value())
        .bind("type", secret.type().word())
        .bind("certificate", secret.certificatePem())
        .bind("version", version)
        .bind("mark", mark)
        .execute();
  }

  private Optional<byte[]> storedMark(Name name) {
    return handle
        .createQuery(
            "select mark from secret where tenant = :tenant and name = :name and mark is not null")
        .bind("tenant", tenant.value())
        .bind("name", name.value())
        .mapTo(byte[].class)
        .findOne();
  }

  private long addVersion(SecretSpec secret, SecretRecord record) {
    long version = shelf.nextVersion();
    Instant now = tools.now();
    SecretBytes value = secret.value().orElseThrow();
    SealedSecret sealed = tools.envelope().seal(secret.ref(), version, value);
    Duration overlap = secret.type() == SecretType.SIGNING ? secret.overlap() : Duration.ZERO;
    VersionHistory kept = erased(record.history(), now);
    VersionHistory next =
        after(kept, new Verb.Rotate(version, overlap), now)
            .or(() -> after(kept, new Verb.Put(version), now))
            .orElseThrow();
    shelf.write(secret.ref().name(), record.history(), next, Optional.of(sealed));
    return version;
  }

  /**
   * What had ended before this change: nobody will want it back, and a file may change for ever.
   */
  private static VersionHistory erased(VersionHistory history, Instant now) {
    VersionHistory next = history;
    for (Long version : history.versions().keySet()) {
      next = after(next, new Verb.Destroy(version), now).orElse(next);
    }
    return next;
  }

  private static Optional<VersionHistory> after(VersionHistory history, Verb verb, Instant now) {
    return history.step(verb, now) instanceof VersionHistory.Step.Done(VersionHistory next)
        ? Optional.of(next)
        : Optional.empty();
  }

  /**
   * A name that the mesh no longer holds. Values that came from the mesh go with it; what operators
   * have put into custody is theirs to destroy.
   */
  void remove(Name name) {
    int kept =
        handle.execute(
            "update secret set declared = false"
                + " where tenant = ? and name = ? and type = 'signing' and mark is null",
            tenant.value(),
            name.value());
    if (kept == 0) {
      handle.execute(
          "delete from secret where tenant = ? and name = ?", tenant.value(), name.value());
    }
  }

  /** With the tenant, everything it has in custody. */
  void removeAll() {
    handle.execute("delete from secret where tenant = ?", tenant.value());
  }
}
