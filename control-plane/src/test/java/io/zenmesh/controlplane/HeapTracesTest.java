package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.xds.traces.ByteScan;
import io.zenmesh.xds.traces.HeapDump;
import io.zenmesh.xds.traces.LeakOnPurpose;
import io.zenmesh.xds.traces.PlantedSecret;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import org.junit.jupiter.api.Test;

/**
 * What a control plane that has worked with secrets leaves on its heap. The look first finds a
 * secret that was left there on purpose.
 */
class HeapTracesTest extends TracedControlPlane {
  /** Ends and erases all that was ever put, with one version more of each that may live on. */
  private void destroyAll() throws Exception {
    List<PlantedSecret> wanted = List.copyOf(planted);
    putFour(99);
    planted.clear();
    planted.addAll(wanted);
    try (Connection superuser = TestPostgres.superuserOf(database);
        Statement statement = superuser.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select secret, version from zen.secret_version where tenant = 'acme'"
                    + " and secret in ('signing', 'raw', 'hex', 'base64')"
                    + " and state = 'retired'")) {
      int ended = 0;
      while (rows.next()) {
        done(
            "secret",
            "destroy",
            rows.getString(1),
            "--tenant",
            "acme",
            "--version-number",
            rows.getString(2));
        ended++;
      }
      assertThat(ended).as("two of each, and what the mesh began with").isEqualTo(9);
    }
  }

  private SortedSet<String> onTheHeap() throws Exception {
    List<PlantedSecret> wanted = new ArrayList<>(planted);
    wanted.add(leak);
    return new ByteScan(wanted).in(HeapDump.of(process.pid(), home));
  }

  @Test
  void K06_destroyedVersionsRootsAndKeks_areNotInAHeapDump() throws Exception {
    try (Processor processor = new Processor(issue(PROCESSOR.spiffePath()), ports.xds())) {
      processor.await(it -> it.keys().size() == 2);
      putFour(1);
      issueKey();
      plantKeks("before rotation");
      done("kek", "rotate");
      plantKeks("after rotation");
      plantRoots();
      putFour(2);
      processor.await(it -> String.valueOf(it.keys()).contains("acme.edge-local.1"));
      // Nothing of a live secret is claimed; that a used one is found shows that the look is good.
      assertThat(onTheHeap()).anyMatch(it -> it.startsWith("zen key 2"));

      destroyAll();
      SortedSet<String> found = onTheHeap();

      assertThat(found).containsAll(LeakOnPurpose.FOUND);
      assertThat(found).allMatch(it -> it.startsWith(LeakOnPurpose.NAME));
      assertThat(planted).hasSize(8 + 2 + 2);
    }
  }
}
