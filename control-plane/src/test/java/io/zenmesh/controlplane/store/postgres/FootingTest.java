package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.apply.StoreException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class FootingTest {
  @Test
  void D01_migratedDatabase_opens() {
    try (Database database = Database.open(TestPostgres.freshDatabase())) {
      assertThat(database.reachable()).isTrue();
      assertThat(database.holdsCiphertexts()).isFalse();
    }
  }

  @Test
  void D01_superuserLogin_isRefused() throws SQLException {
    PostgresAddress address = TestPostgres.freshDatabase();
    TestPostgres.execute(TestPostgres.superuserOf(address), "alter role zen_app superuser");
    try {
      assertThatThrownBy(() -> Database.open(address))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("zen_app is superuser");
    } finally {
      TestPostgres.execute(TestPostgres.superuserOf(address), "alter role zen_app nosuperuser");
    }
  }
}
