package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.apply.StoreException;
import io.zenmesh.controlplane.custody.CountedWrapper;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.custody.ValueMark;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A database with the meshes of acme and globex, and the door to the rows of each. */
@ExtendWith(PostgresExtension.class)
abstract class TwoTenants {
  static final Name ACME = new Name("acme");
  static final Name GLOBEX = new Name("globex");

  @TempDir static Path folder;
  static PostgresAddress address;
  static Database database;
  static TenantDoor tenants;

  @BeforeAll
  static void fill() {
    address = TestPostgres.freshDatabase();
    database = Database.open(address);
    tenants = new TenantDoor(database.tenantTx());
    KeysetFile keyset = KeysetFile.openOrCreate(folder.resolve("keyset.json"), false);
    try (Mesh mesh = TestMesh.in(folder).mesh(TestMesh.all())) {
      Envelope envelope =
          new Envelope(new CountedWrapper(keyset, database.wrapLedger()), new SecureRandom());
      ValueMark mark = new ValueMark(SecretBytes.takeOver(new byte[32]));
      database.meshStore(envelope, mark, InstantSource.system()).replace(mesh, changes -> {});
    }
  }

  @AfterAll
  static void end() {
    database.close();
  }

  static int count(Handle handle, String sql) {
    return handle.createQuery(sql).mapTo(Integer.class).one();
  }

  interface Attempt {
    int run();
  }

  static String failure(Attempt attempt) {
    try {
      attempt.run();
    } catch (StoreException e) {
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("was not refused");
  }
}
