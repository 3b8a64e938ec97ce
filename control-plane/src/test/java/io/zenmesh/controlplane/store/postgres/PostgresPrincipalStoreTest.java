package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.tenant.PrincipalStore;
import io.zenmesh.controlplane.tenant.PrincipalStoreContract;
import io.zenmesh.controlplane.tenant.TenantStore;
import io.zenmesh.xds.model.Name;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class PostgresPrincipalStoreTest extends PrincipalStoreContract {
  private Database database;

  @BeforeEach
  void open() {
    database = Database.open(TestPostgres.freshDatabase());
    TenantDoor tenants = new TenantDoor(database.tenantTx());
    for (String name : List.of("acme", "globex")) {
      tenants.in(new Name(name), it -> it.execute("insert into tenant (name) values (?)", name));
    }
  }

  @AfterEach
  void end() {
    database.close();
  }

  @Override
  protected PrincipalStore store() {
    return database.principalStore();
  }

  @Override
  protected TenantStore tenants() {
    return database.tenantStore();
  }
}
