package io.zenmesh.controlplane.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.audit.RecordingTrail;
import io.zenmesh.controlplane.custody.KeyIssuer.Answer;
import io.zenmesh.controlplane.custody.KeySchedule.KeyLine;
import io.zenmesh.controlplane.custody.KeySchedule.Purpose;
import io.zenmesh.controlplane.publish.StoredKey;
import io.zenmesh.controlplane.store.postgres.Database;
import io.zenmesh.controlplane.store.postgres.PostgresAddress;
import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PostgresExtension.class)
class KeyIssuerTest {
  private static final Actor ACTOR = Actor.system("test");
  private static final KeyLine LINE =
      new KeyLine(Name.SYSTEM, new Name("edge-eu1"), Purpose.INGRESS);

  @TempDir Path folder;
  private final RecordingTrail trail = new RecordingTrail();
  private PostgresAddress address;
  private Database database;
  private TenantRoots roots;
  private SecretOpener opener;
  private KeyIssuer issuer;

  @BeforeEach
  void open() {
    address = TestPostgres.freshDatabase();
    database = Database.open(address);
    Envelope envelope =
        new Envelope(
            new CountedWrapper(
                KeysetFile.openOrCreate(folder.resolve("keyset.json"), false),
                database.wrapLedger()),
            new SecureRandom());
    opener = new SecretOpener(envelope, trail);
    InstantSource clock = InstantSource.system();
    SecretStore store = database.secretStore();
    roots = new TenantRoots(store, envelope, opener, new SecureRandom(), clock);
    issuer = new KeyIssuer(store, roots, opener, trail, clock);
  }

  @AfterEach
  void end() {
    database.close();
  }

  private Answer.Issued issue(KeyLine line) {
    return switch (issuer.issue(ACTOR, line)) {
      case Answer.Issued issued -> issued;
      case Answer.Ended ended -> throw new AssertionError("ended");
      case Answer.Refused(String code) -> throw new AssertionError(code);
    };
  }

  @Test
  void issuedKey_isTheOneOfTheSchedule_andOnRecordFirst() {
    try (Answer.Issued issued = issue(LINE)) {
      assertThat(issued.id()).isEqualTo("system.edge-eu1.1");
      SealedVersion root = roots.current(Name.SYSTEM);
      try (SecretBytes opened =
              opener.announce(ACTOR, "test", List.of(root)).open(root.ref(), root.version());
          SecretBytes expected = KeySchedule.key(opened, LINE, 1)) {
        assertThat(issued.key().sameAs(expected)).isTrue();
      }
    }
    assertThat(trail.lines())
        .containsSubsequence(
            "system key.issue key/system/edge-eu1/ingress/1 DONE",
            "system secret.unwrap secret/system/zen-root/1 DONE key-issue");
  }

  @Test
  void versions_neverRepeat_whateverEnds_andLinesCountApart() {
    issue(LINE).close();
    issue(LINE).close();
    assertThat(issuer.revoke(ACTOR, LINE, 2)).isInstanceOf(Answer.Ended.class);
    assertThat(issuer.retire(ACTOR, LINE, 1)).isEqualTo(new Answer.Refused("last_live_version"));
    assertThat(issuer.revoke(ACTOR, LINE, 1)).isInstanceOf(Answer.Ended.class);
    assertThat(issuer.revoke(ACTOR, LINE, 1)).isEqualTo(new Answer.Refused("already_ended"));
    try (Answer.Issued third = issue(LINE);
        Answer.Issued other =
            issue(new KeyLine(Name.SYSTEM, new Name("edge-eu1"), Purpose.EGRESS))) {
      assertThat(third.version()).isEqualTo(3);
      assertThat(other.version()).isEqualTo(1);
      assertThat(third.key().sameAs(other.key())).isFalse();
    }
    assertThat(issuer.list(ACTOR, Name.SYSTEM)).hasSize(2);
  }

  @Test
  void moreThanFourAtATime_areRefused() {
    for (int i = 0; i < VersionHistory.MAX_LIVE; i++) {
      issue(LINE).close();
    }
    assertThat(issuer.issue(ACTOR, LINE)).isEqualTo(new Answer.Refused("too_many_live"));
  }

  @Test
  void K07_F32_trailAway_issuesNothing() {
    trail.away(true);
    assertThatThrownBy(() -> issuer.issue(ACTOR, LINE))
        .isInstanceOf(AuditUnavailableException.class);
    trail.away(false);
    assertThat(issuer.list(ACTOR, Name.SYSTEM)).isEmpty();
  }

  private RootRotation.Answer.Rotated rotate(RootRotation rotation, Name tenant) {
    return switch (rotation.rotate(ACTOR, tenant)) {
      case RootRotation.Answer.Rotated rotated -> rotated;
      case RootRotation.Answer.Refused(String code) -> throw new AssertionError(code);
    };
  }

  /** What the publisher derives for a key that was handed out. */
  private SecretBytes derived(KeyLine line, long version) {
    StoredKey stored =
        database.stateReader().read().keys().stream()
            .filter(it -> it.line().equals(line) && it.version() == version)
            .findFirst()
            .orElseThrow();
    SealedVersion root = stored.root();
    try (SecretBytes opened =
        opener.announce(ACTOR, "test", List.of(root)).open(root.ref(), root.version())) {
      return KeySchedule.key(opened, line, version);
    }
  }

  @Test
  void newRoot_isForNewKeys_oldOnesCountOn_numbersGoOn_andAnUnneededRootIsErased()
      throws SQLException {
    Name tenant = new Name("acme");
    try (var superuser = TestPostgres.superuserOf(address);
        var statement = superuser.createStatement()) {
      statement.execute("insert into zen.tenant (name) values ('acme')");
    }
    KeyLine line = new KeyLine(tenant, new Name("edge-eu1"), Purpose.INGRESS);
    RootRotation rotation =
        new RootRotation(database.secretStore(), roots, trail, InstantSource.system());
    try (Answer.Issued first = issue(line);
        SecretBytes before = derived(line, 1)) {
      assertThat(first.key().sameAs(before)).isTrue();
      long oldRoot = roots.current(tenant).version();

      RootRotation.Answer.Rotated rotated = rotate(rotation, tenant);

      assertThat(rotated.version()).isGreaterThan(oldRoot);
      assertThat(rotated.erased()).isEmpty();
      assertThat(roots.current(tenant).version()).isEqualTo(rotated.version());
      try (Answer.Issued second = issue(line);
          SecretBytes old = derived(line, 1);
          SecretBytes fresh = derived(line, 2)) {
        assertThat(second.version()).isEqualTo(2);
        assertThat(first.key().sameAs(old)).as("counts on during the overlap").isTrue();
        assertThat(second.key().sameAs(fresh)).isTrue();
        assertThat(second.key().sameAs(old)).isFalse();
      }
      assertThat(issuer.retire(ACTOR, line, 1)).isInstanceOf(Answer.Ended.class);
      assertThat(rotate(rotation, tenant).erased()).containsExactly(oldRoot);
      derived(line, 2).close();
      try (Answer.Issued third = issue(line)) {
        assertThat(third.version()).isEqualTo(3);
      }
    }
    assertThat(trail.lines()).contains("acme key.rotate_root tenant/acme DONE");
  }

  @Test
  void rootOfThePlatform_isNotRotated() {
    RootRotation rotation =
        new RootRotation(database.secretStore(), roots, trail, InstantSource.system());
    assertThat(rotation.rotate(ACTOR, Name.SYSTEM))
        .isEqualTo(new RootRotation.Answer.Refused("root_of_the_platform"));
  }
}
