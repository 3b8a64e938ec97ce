package io.zenmesh.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.zenmesh.e2e.check.CheckRow;
import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.e2e.check.CheckTable;
import io.zenmesh.e2e.check.Rig;
import io.zenmesh.e2e.check.SampleTarget;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole mesh on stores in containers, where a Docker daemon answers; skipped elsewhere. */
final class ContainerStoresIT {
  @TempDir Path folder;

  @Test
  void everyRow_storesInContainers_isAsExpected() throws Exception {
    DockerDaemon docker = DockerDaemon.look(System.getenv());
    assumeTrue(
        docker.answers(),
        () -> docker.problem().orElse("") + "; the other suites run on the embedded stores");
    try (StateDirectory state = StateDirectory.open(folder.resolve("state"))) {
      MeshFiles files = MeshFiles.prepare(state, Ports.free(), Clock.systemUTC());
      try (ContainerStores stores = ContainerStores.start(files);
          SampleTarget target = SampleTarget.start(files.target(), files.ports().of(Part.TARGET));
          Mesh mesh =
              Mesh.start(
                  files,
                  new Mesh.Options(stores.environment(files), "warning", false),
                  Progress.NONE);
          CheckSuite suite = new CheckSuite(Rig.of(mesh, target, Clock.systemUTC()))) {
        suite.warmUp();
        List<CheckRow> surprises = new ArrayList<>();
        for (CheckSuite.Cell cell : suite.cells()) {
          CheckRow row = suite.run(cell);
          if (!row.ok()) {
            surprises.add(row);
          }
        }
        assertThat(surprises).as(CheckTable.render(surprises)).isEmpty();
      }
    }
  }
}
