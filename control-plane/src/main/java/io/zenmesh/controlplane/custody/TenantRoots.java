package io.zenmesh.controlplane.custody;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * The root secret of each tenant, 32 random bytes, made when it is first needed and sealed like any
 * other secret. Thread-safe.
 */
public final class TenantRoots {
  /** What a root is called in the store; no mesh file may use the name. */
  public static final Name NAME = new Name("zen-root");

  private static final int BYTES = 32;
  private static final Actor ACTOR = Actor.system("key-schedule");

  private final SecretStore store;
  private final Envelope envelope;
  private final SecretOpener opener;
  private final SecureRandom random;
  private final InstantSource clock;

  public TenantRoots(
      SecretStore store,
      Envelope envelope,
      SecretOpener opener,
      SecureRandom random,
      InstantSource clock) {
    this.store = store;
    this.envelope = envelope;
    this.opener = opener;
    this.random = random;
    this.clock = clock;
  }

  /** The newest root of a tenant, sealed; makes the first. */
  public SealedVersion current(Name tenant) {
    return store.change(tenant, this::currentOf);
  }

  SealedVersion currentOf(SecretStore.Shelf shelf) {
    SecretRecord root = shelf.find(NAME).orElseGet(() -> shelf.create(NAME, SecretType.ROOT));
    Optional<Long> newest = root.history().newest();
    if (newest.isPresent()) {
      return shelf
          .sealed(NAME, newest.get())
          .orElseThrow(() ->
              new CustodyException(
                  "root: of " + root.ref().tenant() + " is gone (expected: sealed)"));
    }
    return add(shelf, root);
  }

  /** Another root, the newest from now on; the one before it has ended and is still sealed. */
  SealedVersion addTo(SecretStore.Shelf shelf) {
    return add(shelf, shelf.find(NAME).orElseGet(() -> shelf.create(NAME, SecretType.ROOT)));
  }

  private SealedVersion add(SecretStore.Shelf shelf, SecretRecord root) {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    try (SecretBytes value = SecretBytes.takeOver(bytes)) {
      long version = shelf.nextVersion();
      SealedSecret sealed = envelope.seal(root.ref(), version, value);
      VersionHistory.Step step =
          root.history().step(new VersionHistory.Verb.Put(version), Moments.now(clock));
      if (!(step instanceof VersionHistory.Step.Done(VersionHistory next))) {
        throw new IllegalStateException("root: " + step + " (expected: done)");
      }
      shelf.write(NAME, root.history(), next, Optional.of(sealed));
      return new SealedVersion(root.ref(), version, sealed);
    }
  }

  /** A key for a use inside the control plane, the same after each start; the caller's to close. */
  public SecretBytes internalKey(Name tenant, String use) {
    SealedVersion root = current(tenant);
    SecretOpener.Session session = opener.announce(ACTOR, use, List.of(root));
    try (SecretBytes opened = session.open(root.ref(), root.version())) {
      return KeySchedule.internal(opened, tenant, use);
    }
  }
}
