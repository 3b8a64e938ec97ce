package io.zenmesh.controlplane;

import io.zenmesh.controlplane.api.ApiServer;
import io.zenmesh.controlplane.api.AuditRoutes;
import io.zenmesh.controlplane.api.Cursors;
import io.zenmesh.controlplane.api.ProcessRoutes;
import io.zenmesh.controlplane.apply.MeshApply;
import io.zenmesh.controlplane.apply.MeshEdit;
import io.zenmesh.controlplane.apply.MeshWatch;
import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.ArchivePlace;
import io.zenmesh.controlplane.audit.Archivist;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.custody.CountedWrapper;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.KekRotation;
import io.zenmesh.controlplane.custody.Keyring;
import io.zenmesh.controlplane.custody.MacKey;
import io.zenmesh.controlplane.custody.SealProof;
import io.zenmesh.controlplane.custody.SecretOpener;
import io.zenmesh.controlplane.custody.TenantRoots;
import io.zenmesh.controlplane.custody.ValueMark;
import io.zenmesh.controlplane.mesh.MeshReader;
import io.zenmesh.controlplane.mesh.SecretSource;
import io.zenmesh.controlplane.publish.Publisher;
import io.zenmesh.controlplane.receipt.ReceiptRecorder;
import io.zenmesh.controlplane.store.postgres.Database;
import io.zenmesh.controlplane.store.postgres.PostgresAddress;
import io.zenmesh.controlplane.witness.Cosigned;
import io.zenmesh.controlplane.witness.Cosigning;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.resource.SnapshotFactory;
import io.zenmesh.xds.server.XdsServer;
import io.zenmesh.xds.snapshot.ContentVersion;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The management process put together: every object, and who ends it. What was opened last is
 * closed first.
 */
final class ControlPlane implements AutoCloseable {
  /**
   * What the process is told at start.
   *
   * @param fileRules whether the mesh file is the desired state; else it only fills an empty store
   * @param secrets where a mesh file's relative files lie
   * @param audit where checkpoints of the audit record are kept
   * @param archive opens where archives of it are kept; empty for none, and nothing is pruned
   * @param witness who cosigns checkpoints; empty for nobody
   * @param acceptMissingCheckpoint whether a record without a checkpoint is taken as it is
   */
  record Settings(
      String trustDomain,
      IdentityFiles identity,
      InetSocketAddress xds,
      InetSocketAddress api,
      PostgresAddress database,
      KeyPlace keys,
      Path mesh,
      boolean fileRules,
      Path secrets,
      Path audit,
      Optional<Supplier<ArchivePlace>> archive,
      Optional<WitnessPlace> witness,
      boolean acceptMissingCheckpoint,
      Function<String, Optional<String>> environment) {}

  /** The ports taken. */
  record Ports(int xds, int api) {}

  private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);

  private final Settings settings;
  private final Clock clock;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private volatile boolean ready;

  ControlPlane(Settings settings, Clock clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * Starts everything; what was opened is closed again when something fails.
   *
   * @throws StartException with all that the operator needs to know
   */
  Ports start() {
    try {
      return open();
    } catch (StartException e) {
      close();
      throw e;
    } catch (RuntimeException e) {
      close();
      throw StartException.failed(String.valueOf(e.getMessage()), e);
    }
  }

  private Ports open() {
    Database database = keep(Database.open(settings.database(), settings.archive().isPresent()));
    SecureRandom random = new SecureRandom();
    Keyring keyset = keep(settings.keys().open(database.holdsCiphertexts(), random));
    Envelope envelope = new Envelope(new CountedWrapper(keyset, database.wrapLedger()), random);
    StartTrail started = new StartTrail();
    SecretOpener opener = new SecretOpener(envelope, started);
    SealProof.prove(database.someOfEachKek(), opener);
    TenantRoots roots = new TenantRoots(database.secretStore(), envelope, opener, random, clock);

    AuditDesk audit =
        keep(
            AuditDesk.open(
                database,
                settings.audit(),
                settings.acceptMissingCheckpoint(),
                roots.internalKey(Name.SYSTEM, "audit-checkpoint"),
                clock));
    started.lead(audit.trail());
    AuditTrail trail = audit.trail();
    Optional<Archivist> archivist =
        settings.archive().map(place -> keep(audit.archivist(database, keep(place.get()), clock)));
    ControlPlaneMetrics metrics = new ControlPlaneMetrics(audit.keeper(), clock);
    archivist.ifPresent(metrics::archived);
    Optional<Cosigning> cosigning = settings.witness().map(it -> keep(cosigning(it, audit)));
    cosigning.ifPresent(metrics::witnessed);
    cosigning.ifPresent(Cosigning::start);
    NodeDecisions decisions = keep(new NodeDecisions(trail));

    Catalogue catalogue = Catalogue.bundled();
    ContentVersion versions =
        keep(new ContentVersion(roots.internalKey(Name.SYSTEM, "content-version")));
    ValueMark mark = keep(new ValueMark(roots.internalKey(Name.SYSTEM, "value-mark")));
    XdsServer xds =
        keep(
            new XdsServer(
                new XdsServer.Config(settings.xds(), settings.identity(), settings.trustDomain()),
                clock,
                decisions,
                new ReceiptRecorder(audit.numbers())));
    Publisher publisher =
        new Publisher(
            new Publisher.Sources(
                database.stateReader(), opener, catalogue, settings.trustDomain(), clock),
            new SnapshotFactory(versions),
            new LinterCheck(catalogue),
            new XdsNodeServer(xds));
    MeshReader reader =
        new MeshReader(
            catalogue,
            new SecretSource(settings.secrets(), settings.environment()),
            clock,
            settings.archive().isPresent());
    MeshApply apply =
        new MeshApply(reader, database.meshStore(envelope, mark, clock), publisher, trail);
    MeshWatch watch = keep(new MeshWatch(settings.mesh(), apply));
    Readiness readiness =
        keep(
            new Readiness(() ->
                ready
                    && !apply.behind()
                    && database.reachable()
                    && audit.keeper().fault().isEmpty()));
    MeshEdit edit =
        new MeshEdit(reader, database.resourceStore(envelope, mark, clock), publisher, apply);
    KekRotation rotation = new KekRotation(keyset, database.kekStore(), envelope, trail);
    MacKey cursorKey = keep(new MacKey(roots.internalKey(Name.SYSTEM, "api-cursor")));
    AdminApi parts =
        new AdminApi(
            database,
            trail,
            new AdminApi.Custody(envelope, opener, roots, rotation, random),
            new AdminApi.Fleet(
                apply, Optional.of(edit).filter(it -> !settings.fileRules()), publisher, xds),
            cursorKey,
            clock);
    ApiServer api =
        keep(
            parts.server(
                new ApiServer.Config(settings.api(), settings.identity(), settings.trustDomain()),
                new ProcessRoutes(readiness, metrics),
                new AuditRoutes(
                    database.chainReader(),
                    audit.keeper(),
                    () -> cosigning.flatMap(Cosigning::newest).map(Cosigned::note),
                    new Cursors(cursorKey))));

    // The API takes its time to start and needs nothing of what is applied meanwhile.
    CompletableFuture<Integer> apiPort = new CompletableFuture<>();
    Thread.ofPlatform().name("api-start").start(() -> complete(apiPort, api));
    try {
      new FirstState(watch, apply, database.stateReader()).publish(settings.fileRules());
    } finally {
      // Waited for in any case: what is still starting cannot be closed.
      apiPort.handle((port, failure) -> true).join();
    }
    Ports ports = listen(xds, apiPort);
    resume(rotation, keyset);
    if (settings.fileRules()) {
      watch.start();
    } else {
      watch.startWithoutFile();
    }
    archivist.ifPresent(Archivist::start);
    ready = true;
    readiness.start();
    return ports;
  }

  private Cosigning cosigning(WitnessPlace witness, AuditDesk audit) {
    return new Cosigning(
        audit.keeper(),
        witness.client(settings.identity()),
        witness.key(),
        settings.audit(),
        audit.trail());
  }

  /** A rotation that a crash has cut off goes on, while everything else does. */
  private static void resume(KekRotation rotation, Keyring keyset) {
    if (keyset.kekIds().size() == 1) {
      return;
    }
    Thread.ofVirtual()
        .name("kek-rotation")
        .start(() -> {
          try {
            KekRotation.Progress progress = rotation.proceed(Actor.system("start"));
            LOG.info(
                "kek rotation went on: {} data keys wrapped anew, destroyed {}",
                progress.rewrapped(),
                progress.destroyed());
          } catch (RuntimeException e) {
            LOG.error("kek rotation did not go on; it will at the next start: {}", e.getMessage());
          }
        });
  }

  private static void complete(CompletableFuture<Integer> port, ApiServer api) {
    try {
      port.complete(api.start());
    } catch (IOException | RuntimeException | Error e) {
      port.completeExceptionally(e); // whatever it is, the starting thread waits for it
    }
  }

  private static Ports listen(XdsServer xds, CompletableFuture<Integer> apiPort) {
    try {
      return new Ports(xds.start(), apiPort.join());
    } catch (IOException e) {
      throw unbound(e);
    } catch (CompletionException e) {
      throw unbound(e.getCause() == null ? e : e.getCause());
    }
  }

  private static StartException unbound(Throwable failure) {
    String reason = failure.getCause() == null ? "" : ": " + failure.getCause().getMessage();
    return StartException.failed(failure.getMessage() + reason, failure);
  }

  private <T extends AutoCloseable> T keep(T resource) {
    opened.push(resource);
    return resource;
  }

  @Override
  public void close() {
    ready = false;
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        // The others are closed all the same.
        LOG.warn("close failed", e);
      }
    }
  }
}
