package io.zenmesh.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A PostgreSQL whose first start was cut short starts all the same the next time. */
final class PostgresStartIT {
  @TempDir Path folder;

  @Test
  void start_afterInterruptedInitialisation_initialisesAnew() {
    try (StoreFixture fixture = new StoreFixture(folder)) {
      EmbeddedPostgres.Spec spec = MeshStart.postgresSpec(fixture.files);
      Path run = fixture.files.state().run();
      Supervisor first = fixture.supervisor;
      CompletableFuture<Void> start =
          CompletableFuture.runAsync(() -> EmbeddedPostgres.start(first, spec).close());
      Eventually.holds(
          "initdb is under way",
          Duration.ofSeconds(60),
          () ->
              Reaper.leftOver(run).contains("postgres-initdb")
                  && spec.home().resolve("data.draft/PG_VERSION").toFile().exists());
      first.close();
      assertThatThrownBy(() -> start.get(30, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(HarnessException.class);
      assertThat(Reaper.leftOver(run)).isEmpty();
      assertThat(spec.home().resolve("data")).doesNotExist();

      try (Supervisor second = new Supervisor(run);
          EmbeddedPostgres postgres = EmbeddedPostgres.start(second, spec)) {
        assertThat(postgres.process().isAlive()).isTrue();
      }
    }
  }
}
