package io.zenmesh.controlplane;

import io.zenmesh.controlplane.api.ApiServer;
import io.zenmesh.controlplane.api.AuditRoutes;
import io.zenmesh.controlplane.api.ChangeRecord;
import io.zenmesh.controlplane.api.Cursors;
import io.zenmesh.controlplane.api.MeshRoutes;
import io.zenmesh.controlplane.api.PrincipalRoutes;
import io.zenmesh.controlplane.api.ProcessRoutes;
import io.zenmesh.controlplane.api.ResourceRoutes;
import io.zenmesh.controlplane.apply.MeshApply;
import io.zenmesh.controlplane.apply.MeshEdit;
import io.zenmesh.controlplane.apply.MeshWatch;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.custody.MacKey;
import io.zenmesh.controlplane.mesh.MeshProblem;
import io.zenmesh.controlplane.mesh.MeshReader;
import io.zenmesh.controlplane.mesh.SecretSource;
import io.zenmesh.controlplane.publish.Publisher;
import io.zenmesh.controlplane.publish.SealProof;
import io.zenmesh.controlplane.publish.StateReader;
import io.zenmesh.controlplane.store.postgres.Database;
import io.zenmesh.controlplane.store.postgres.PostgresAddress;
import io.zenmesh.controlplane.tenant.Credentials;
import io.zenmesh.controlplane.tenant.PrincipalStore;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.identity.IdentityFiles;
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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
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
   * @param acceptMissingCheckpoint whether a record without a checkpoint is taken as it is
   */
  record Settings(
      String trustDomain,
      IdentityFiles identity,
      InetSocketAddress xds,
      InetSocketAddress api,
      PostgresAddress database,
      Path keyset,
      Path mesh,
      boolean fileRules,
      Path secrets,
      Path audit,
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
    Database database = keep(Database.open(settings.database()));
    KeysetFile keyset = KeysetFile.openOrCreate(settings.keyset(), database.holdsCiphertexts());
    Envelope envelope = new Envelope(keyset, new SecureRandom());
    SealProof.prove(database.stateReader(), envelope);

    AuditDesk audit =
        keep(
            AuditDesk.open(
                database,
                settings.audit(),
                settings.acceptMissingCheckpoint(),
                keyset.derive("audit-checkpoint"),
                clock));
    NodeDecisions decisions = keep(new NodeDecisions(audit.trail()));

    Catalogue catalogue = Catalogue.bundled();
    ContentVersion versions = keep(new ContentVersion(keyset.derive("content-version")));
    XdsServer xds =
        keep(
            new XdsServer(
                new XdsServer.Config(settings.xds(), settings.identity(), settings.trustDomain()),
                clock,
                decisions));
    Publisher publisher =
        new Publisher(
            new Publisher.Sources(
                database.stateReader(), envelope, catalogue, settings.trustDomain()),
            new SnapshotFactory(versions),
            new LinterCheck(catalogue),
            new XdsNodeServer(xds));
    MeshReader reader =
        new MeshReader(
            catalogue, new SecretSource(settings.secrets(), settings.environment()), clock);
    MeshApply apply = new MeshApply(reader, database.meshStore(envelope), publisher, audit.trail());
    MeshWatch watch = keep(new MeshWatch(settings.mesh(), apply));
    Readiness readiness =
        keep(
            new Readiness(() ->
                ready
                    && !apply.behind()
                    && database.reachable()
                    && audit.keeper().fault().isEmpty()));
    MeshEdit edit = new MeshEdit(reader, database.resourceStore(envelope), publisher, apply);
    AuditTrail trail = audit.trail();
    PrincipalStore principals = database.principalStore();
    Credentials credentials = new Credentials(principals, new SecureRandom(), clock);
    Cursors cursors = new Cursors(keep(new MacKey(keyset.derive("api-cursor"))));
    ApiServer api =
        keep(
            new ApiServer(
                new ApiServer.Config(settings.api(), settings.identity(), settings.trustDomain()),
                List.of(
                    new ProcessRoutes(readiness),
                    new MeshRoutes(apply, xds::status),
                    new AuditRoutes(database.chainReader(), audit.keeper()),
                    new PrincipalRoutes(
                        principals,
                        credentials,
                        cursors,
                        new ChangeRecord(trail),
                        settings.trustDomain(),
                        clock),
                    new ResourceRoutes(
                        database.tenantStore(),
                        database.tenantRows(),
                        settings.fileRules() ? Optional.empty() : Optional.of(edit),
                        cursors,
                        new ChangeRecord(trail))),
                new ApiServer.Tenancy(database.tenantStore(), credentials, database.repeats()),
                trail,
                clock));

    // The API takes its time to start and needs nothing of what is applied meanwhile.
    CompletableFuture<Integer> apiPort = new CompletableFuture<>();
    Thread.ofPlatform().name("api-start").start(() -> complete(apiPort, api));
    try {
      if (settings.fileRules() || database.stateReader().read().isEmpty()) {
        applyFirst(watch, apply, database.stateReader());
      } else {
        var _ = apply.publishStored();
      }
    } finally {
      // Waited for in any case: what is still starting cannot be closed.
      apiPort.handle((port, failure) -> true).join();
    }
    Ports ports = listen(xds, apiPort);
    if (settings.fileRules()) {
      watch.start();
    } else {
      watch.startWithoutFile();
    }
    ready = true;
    readiness.start();
    return ports;
  }

  /**
   * Before any node can connect: the first thing it is told is the whole state. A file that is
   * refused does not take down what was good yesterday: then the stored state is published.
   */
  private static void applyFirst(MeshWatch watch, MeshApply apply, StateReader stored) {
    List<String> problems;
    try {
      switch (watch.first()) {
        case MeshApply.Outcome.Applied applied -> {
          return;
        }
        case MeshApply.Outcome.Rejected(List<MeshProblem> found) ->
            problems = found.stream().map(MeshProblem::toString).toList();
      }
    } catch (IOException e) {
      problems = List.of(String.valueOf(e.getMessage()));
    }
    if (stored.read().isEmpty()) {
      throw StartException.usage(String.join("\n", problems));
    }
    problems.forEach(problem -> LOG.error("{}", problem));
    LOG.error("mesh file refused at start; the stored state is published instead");
    var _ = apply.publishStored();
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
