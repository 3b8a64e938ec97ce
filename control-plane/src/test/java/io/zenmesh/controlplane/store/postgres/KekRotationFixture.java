package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.RecordingTrail;
import io.zenmesh.controlplane.custody.CountedWrapper;
import io.zenmesh.controlplane.custody.Custodian;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.KekRotation;
import io.zenmesh.controlplane.custody.KekRotation.Kek;
import io.zenmesh.controlplane.custody.Keyring;
import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.custody.SealedSecret;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.custody.ValueMark;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A database with six secrets of three tenants under one key, and what can be seen of them. */
@ExtendWith(PostgresExtension.class)
abstract class KekRotationFixture {
  static final Actor ACTOR = Actor.system("test");

  @TempDir Path folder;
  final RecordingTrail trail = new RecordingTrail();
  PostgresAddress address;
  Database database;
  Path keyset;
  private Connection superuser;

  /** One connection for all looks of a test: they are many, and opening one is half of each. */
  @BeforeEach
  void open() throws SQLException {
    address = TestPostgres.freshDatabase();
    superuser = TestPostgres.superuserOf(address);
    database = Database.open(address);
    keyset = folder.resolve("keyset.json");
    Envelope envelope = envelope(KeysetFile.openOrCreate(keyset, false));
    try (Mesh mesh = TestMesh.in(folder).mesh(TestMesh.all())) {
      ValueMark mark = new ValueMark(SecretBytes.takeOver(new byte[32]));
      database.meshStore(envelope, mark, InstantSource.system()).replace(mesh, changes -> {});
    }
    Custodian custodian =
        new Custodian(
            database.secretStore(),
            envelope,
            trail,
            (ref, value) -> Optional.empty(),
            InstantSource.system());
    for (int i = 0; i < 3; i++) {
      SecretRef ref = new SecretRef(new Name("acme"), new Name("signing"));
      custodian.rotate(ACTOR, ref, bytes("rotated-" + i), Duration.ofHours(1), true);
    }
    trail.clear();
  }

  @AfterEach
  void end() throws SQLException {
    superuser.close();
    database.close();
  }

  static SecretBytes bytes(String text) {
    return SecretBytes.takeOver(text.getBytes(StandardCharsets.US_ASCII));
  }

  Envelope envelope(Keyring keyring) {
    return new Envelope(new CountedWrapper(keyring, database.wrapLedger()), new SecureRandom());
  }

  KekRotation rotation(Keyring keyring) {
    return new KekRotation(keyring, database.kekStore(), envelope(keyring), trail, 2);
  }

  /** Every value that is sealed, opened with the keyset as it lies on disk. */
  Map<String, String> readable() throws SQLException {
    Envelope envelope = new Envelope(KeysetFile.openOrCreate(keyset, true), new SecureRandom());
    Map<String, String> values = new TreeMap<>();
    try (Statement statement = superuser.createStatement();
        ResultSet rows =
            statement.executeQuery("select * from secret_version where ciphertext is not null")) {
      while (rows.next()) {
        SecretRef ref =
            new SecretRef(new Name(rows.getString("tenant")), new Name(rows.getString("secret")));
        long version = rows.getLong("version");
        SealedSecret sealed = VersionColumns.sealed(rows).orElseThrow();
        try (SecretBytes opened = envelope.open(ref, version, sealed)) {
          values.put(
              ref + "/" + version,
              new String(opened.copy(SecretAccess.granted()), StandardCharsets.US_ASCII));
        }
      }
    }
    return values;
  }

  Map<String, String> ciphertexts() throws SQLException {
    Map<String, String> values = new TreeMap<>();
    try (Statement statement = superuser.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select tenant, secret, version, encode(ciphertext, 'hex') from secret_version")) {
      while (rows.next()) {
        values.put(
            rows.getString(1) + "/" + rows.getString(2) + "/" + rows.getString(3),
            rows.getString(4));
      }
    }
    return values;
  }

  void nothingIsLeftOf(String old) {
    List<Kek> keks = rotation(KeysetFile.openOrCreate(keyset, true)).status();
    assertThat(keks.stream().filter(Kek::present)).hasSize(1).allMatch(Kek::current);
    assertThat(keks.stream().filter(it -> it.versions() > 0)).hasSize(1).allMatch(Kek::current);
    assertThat(keks)
        .filteredOn(it -> it.id().equals(old))
        .allMatch(it -> !it.live() && !it.present());
  }
}
