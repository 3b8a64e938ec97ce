package io.zenmesh.envoyconfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvoyBinaryTest {
  @TempDir private Path directory;

  @Test
  void binary_isLookedUpInOrder() throws IOException {
    Path named = executable("named");
    Path onPath = executable("bin/envoy");
    Path cached = executable("home/.cache/zen-mesh/envoy/1.40.0/envoy");
    Path home = directory.resolve("home");
    String path = "/nowhere:" + onPath.getParent();
    assertThat(EnvoyBinary.find(Map.of("ENVOY_BIN", named.toString(), "PATH", path), home).path())
        .isEqualTo(named);
    assertThat(EnvoyBinary.find(Map.of("PATH", path), home).path()).isEqualTo(onPath);
    assertThat(EnvoyBinary.find(Map.of(), home).path()).isEqualTo(cached);
  }

  @Test
  void noBinary_failsAndNamesTheWays() {
    assertThatThrownBy(() -> EnvoyBinary.find(Map.of(), directory))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("ENVOY_BIN", "PATH", ".cache/zen-mesh/envoy/1.40.0/envoy");
  }

  private Path executable(String name) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, "");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
