package io.zenmesh.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.dataformat.yaml.YAMLMapper;

final class MeshFilesTest {
  private static final String ADDED =
      "---\napiVersion: zenmesh.io/v1alpha1\nkind: Tenant\nmetadata: {name: initech}\n";

  @TempDir Path folder;

  private MeshFiles prepare(Ports ports, StateDirectory state) {
    return MeshFiles.prepare(state, ports, Clock.systemUTC());
  }

  @Test
  void prepare_secondTime_keepsPortsAndEdits() throws Exception {
    Ports first;
    String edited;
    try (StateDirectory state = StateDirectory.open(folder.resolve("state"))) {
      first = Ports.of(state);
      Path mesh = prepare(first, state).state().meshFile();
      edited = Files.readString(mesh).replace("tolerance: 300s", "tolerance: 200s") + ADDED;
      Files.writeString(mesh, edited);
    }
    try (StateDirectory state = StateDirectory.open(folder.resolve("state"))) {
      Ports second = Ports.of(state);
      assertThat(second).isEqualTo(first);
      assertThat(prepare(second, state).state().meshFile()).hasContent(edited);
    }
  }

  @Test
  void prepare_portTakenMeanwhile_movesOnlyItsAddress() throws Exception {
    try (StateDirectory state = StateDirectory.open(folder.resolve("state"))) {
      Ports first = Ports.of(state);
      Path mesh = prepare(first, state).state().meshFile();
      Files.writeString(mesh, Files.readString(mesh) + ADDED);
      try (ServerSocket thief =
          new ServerSocket(first.of(Part.TARGET), 1, InetAddress.getLoopbackAddress())) {
        assertThat(thief.isBound()).isTrue();
        Ports second = Ports.of(state);
        assertThat(second.of(Part.TARGET)).isNotEqualTo(first.of(Part.TARGET));
        assertThat(second.of(Part.INGRESS_1)).isEqualTo(first.of(Part.INGRESS_1));
        MeshFiles files = prepare(second, state);
        assertThat(mesh).hasContent(MeshDocuments.render(files) + ADDED);
      }
    }
  }

  @Test
  void moved_portsChangePlaces_areNotChainedAndLookalikesStay() {
    Addresses before = addresses(1000, 1001, "/old/s");
    Addresses after = addresses(1001, 1000, "/new/s");
    assertThat(
            before.moved(
                "127.0.0.1:1000 127.0.0.1:1001 127.0.0.1:10001 10.127.0.0.1:1000 example:1000"
                    + " '/old/s/extproc-ingress-1.sock' /old/s/other",
                after))
        .isEqualTo(
            "127.0.0.1:1001 127.0.0.1:1000 127.0.0.1:10001 10.127.0.0.1:1000 example:1000"
                + " '/new/s/extproc-ingress-1.sock' /old/s/other");
  }

  private static Addresses addresses(int first, int second, String sockets) {
    return new Addresses(
        Map.of(Part.INGRESS_1, first, Part.INGRESS_2, second, Part.EGRESS_1, 1, Part.TARGET, 2),
        Path.of(sockets));
  }

  @Test
  void documents_stateOfOtherLetters_areYaml() throws Exception {
    Path root = folder.resolve("it's: a #state, ü");
    try (StateDirectory state = StateDirectory.open(root)) {
      MeshFiles files = prepare(Ports.of(state), state);
      assertThat(new YAMLMapper().readTree(state.zenctlFile().toFile()).path("identity").asString())
          .isEqualTo(files.operator().directory().toString());
    }
  }
}
