package io.zenmesh.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StateDirectoryTest {
  @TempDir Path folder;

  @Test
  void open_secondTime_isRefusedWithTheHoldersId() {
    try (StateDirectory held = StateDirectory.open(folder.resolve("state"))) {
      assertThatThrownBy(() -> StateDirectory.open(held.root()))
          .isInstanceOf(HarnessException.class)
          .hasMessageContaining("in use by process " + ProcessHandle.current().pid());
    }
  }

  @Test
  void open_afterClose_keepsWhatWasThere() throws Exception {
    Path root = folder.resolve("state");
    try (StateDirectory first = StateDirectory.open(root)) {
      Files.writeString(first.secrets().resolve("kept"), "kept");
    }
    try (StateDirectory second = StateDirectory.open(root)) {
      assertThat(second.secrets().resolve("kept")).hasContent("kept");
    }
  }

  @Test
  void directories_areOpenToTheirOwnerOnly() throws Exception {
    try (StateDirectory state = StateDirectory.open(folder.resolve("state"))) {
      for (Path path : new Path[] {state.root(), state.pki(), state.secrets(), state.run()}) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
            .isEqualTo("rwx------");
      }
    }
  }

  @Test
  void socketPath_shortState_isBelowIt() {
    try (StateDirectory state = StateDirectory.open(Path.of("/tmp", "zen-" + System.nanoTime()))) {
      assertThat(state.socketPath("envoy-ingress-1").startsWith(state.root())).isTrue();
    }
  }

  @Test
  void socketPath_longState_isShortAndGoneAfterClose() throws Exception {
    Path shortSockets = Files.createTempDirectory("zs");
    Path root = folder.resolve("a".repeat(120));
    Path socket;
    try (StateDirectory state = StateDirectory.open(root, shortSockets)) {
      socket = state.socketPath("envoy-ingress-1");
      Files.writeString(socket, "");
      assertThat(socket.toString().getBytes(StandardCharsets.UTF_8).length)
          .isLessThanOrEqualTo(StateDirectory.MAX_SOCKET_PATH_BYTES);
      assertThat(socket.startsWith(shortSockets)).isTrue();
    }
    assertThat(socket).doesNotExist();
    Files.delete(shortSockets);
  }

  @Test
  void socketPath_nameTooLong_isRefused() {
    try (StateDirectory state = StateDirectory.open(folder.resolve("s"))) {
      assertThatThrownBy(() -> state.socketPath("x".repeat(100)))
          .isInstanceOf(HarnessException.class)
          .hasMessageContaining("at most 103 bytes");
    }
  }

  @Test
  void socketPath_stateOfOtherLetters_isOfPlainOnes() throws Exception {
    Path shortSockets = Files.createTempDirectory("zs");
    for (String name : new String[] {"a b", "zustände", "it's"}) {
      Path root = Files.createTempDirectory("z").resolve(name);
      try (StateDirectory state = StateDirectory.open(root, shortSockets)) {
        assertThat(state.socketPath("extproc-ingress-1").toString()).matches("[A-Za-z0-9_./-]+");
      }
      StateDirectory.deleteTree(root.resolveSibling(""));
    }
    StateDirectory.deleteTree(shortSockets);
  }

  @Test
  void open_oursButOpenToOthers_isClosedToThem() throws Exception {
    Path root = Files.createDirectories(folder.resolve("state"));
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    StateDirectory.open(root).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root)))
        .isEqualTo("rwx------");
  }

  @Test
  void open_folderOfOtherThings_isRefusedAndLeftAsItIs() throws Exception {
    Path root = Files.createDirectories(folder.resolve("home"));
    Files.writeString(root.resolve("letter"), "");
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThatThrownBy(() -> StateDirectory.open(root))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("holds other things");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root)))
        .isEqualTo("rwxr-xr-x");
  }
}
