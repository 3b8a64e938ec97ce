package io.zenmesh.controlplane;

import io.zenmesh.controlplane.api.ApiServer;
import io.zenmesh.controlplane.api.AuditRoutes;
import io.zenmesh.controlplane.api.BackupRoutes;
import io.zenmesh.controlplane.api.ChangeRecord;
import io.zenmesh.controlplane.api.Cursors;
import io.zenmesh.controlplane.api.KeyRoutes;
import io.zenmesh.controlplane.api.MeshRoutes;
import io.zenmesh.controlplane.api.PrincipalRoutes;
import io.zenmesh.controlplane.api.ProcessRoutes;
import io.zenmesh.controlplane.api.ResourceRoutes;
import io.zenmesh.controlplane.api.SecretRoutes;
import io.zenmesh.controlplane.apply.MeshApply;
import io.zenmesh.controlplane.apply.MeshEdit;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.custody.Custodian;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.Installation;
import io.zenmesh.controlplane.custody.KekRotation;
import io.zenmesh.controlplane.custody.KeyIssuer;
import io.zenmesh.controlplane.custody.KeySchedule.KeyLine;
import io.zenmesh.controlplane.custody.MacKey;
import io.zenmesh.controlplane.custody.RootRotation;
import io.zenmesh.controlplane.custody.SecretExport;
import io.zenmesh.controlplane.custody.SecretImport;
import io.zenmesh.controlplane.custody.SecretOpener;
import io.zenmesh.controlplane.custody.TenantRoots;
import io.zenmesh.controlplane.publish.EndpointFit;
import io.zenmesh.controlplane.publish.Publisher;
import io.zenmesh.controlplane.store.postgres.Database;
import io.zenmesh.controlplane.tenant.Credentials;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.server.XdsServer;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * The admin API put together: every group of routes, with what it works on.
 *
 * @param cursorKey what pages' cursors are signed with and repeated requests are recognised by; its
 *     owner closes it
 */
record AdminApi(
    Database database,
    AuditTrail trail,
    Custody custody,
    Fleet fleet,
    MacKey cursorKey,
    Clock clock) {
  /** What wraps, opens and derives. */
  record Custody(
      Envelope envelope,
      SecretOpener opener,
      TenantRoots roots,
      KekRotation rotation,
      SecureRandom random) {}

  /**
   * What changes the desired state and publishes it.
   *
   * @param edit empty where a file rules, so that nothing is changed piece by piece
   */
  record Fleet(MeshApply apply, Optional<MeshEdit> edit, Publisher publisher, XdsServer xds) {}

  ApiServer server(ApiServer.Config config, ProcessRoutes process, AuditRoutes audit) {
    Credentials credentials = new Credentials(database.principalStore(), custody.random(), clock);
    Cursors cursors = new Cursors(cursorKey);
    ChangeRecord changes = new ChangeRecord(trail);
    return new ApiServer(
        config,
        List.of(
            process,
            audit,
            new MeshRoutes(fleet.apply(), fleet.xds()::status, cursors),
            new PrincipalRoutes(
                database.principalStore(),
                credentials,
                cursors,
                changes,
                config.trustDomain(),
                clock),
            new ResourceRoutes(
                database.tenantStore(), database.tenantRows(), fleet.edit(), cursors, changes),
            secrets(cursors),
            backups(),
            keys(cursors)),
        new ApiServer.Tenancy(database.tenantStore(), credentials, database.repeats(), cursorKey),
        trail,
        clock);
  }

  private EndpointFit fit() {
    return new EndpointFit(database.stateReader(), Catalogue.bundled());
  }

  private SecretRoutes secrets(Cursors cursors) {
    return new SecretRoutes(
        new Custodian(database.secretStore(), custody.envelope(), trail, fit(), clock),
        fleet.apply()::publishStored,
        fleet.publisher()::followers,
        cursors);
  }

  private BackupRoutes backups() {
    Installation installation = Installation.of(custody.roots());
    return new BackupRoutes(
        new SecretExport(
            database.secretStore(), custody.opener(), trail, installation, custody.random(), clock),
        new SecretImport(
            database.secretStore(),
            custody.envelope(),
            custody.opener(),
            trail,
            fit(),
            installation,
            custody.random(),
            clock),
        fleet.apply()::publishStored);
  }

  private KeyRoutes keys(Cursors cursors) {
    return new KeyRoutes(
        new KeyIssuer(database.secretStore(), custody.roots(), custody.opener(), trail, clock),
        new RootRotation(database.secretStore(), custody.roots(), trail, clock),
        custody.rotation(),
        fleet.apply()::publishStored,
        this::serves,
        cursors);
  }

  /** Whether a cluster of that name may serve the tenant. */
  private boolean serves(KeyLine line) {
    return database.stateReader().read().clusters().stream()
        .filter(it -> it.name().equals(line.cluster()))
        .anyMatch(it -> it.tenant().equals(line.tenant()) || it.tenant().equals(Name.SYSTEM));
  }
}
