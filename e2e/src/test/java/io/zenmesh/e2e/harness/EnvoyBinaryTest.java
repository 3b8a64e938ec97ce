package io.zenmesh.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EnvoyBinaryTest {
  @TempDir Path folder;

  private Path envoy(String name, String version) throws Exception {
    Path program = folder.resolve(name).resolve("envoy");
    Files.createDirectories(folder.resolve(name));
    Files.writeString(
        program, "#!/bin/sh\necho 'envoy  version: abc/" + version + "/Clean/RELEASE/BoringSSL'\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return program;
  }

  @Test
  void find_environmentFirst_thenPath_thenCache() throws Exception {
    Path named = envoy("named", "1.40.0");
    Path onPath = envoy("path", "1.41.2-dev");
    Path cached = envoy("cache/envoy/1.40.0", "1.40.0");
    Path cache = folder.resolve("cache");
    assertThat(EnvoyBinary.find(Map.of("ENVOY_BIN", named.toString()), cache, Optional.of(onPath)))
        .isEqualTo(new EnvoyBinary(named, "1.40.0"));
    assertThat(EnvoyBinary.find(Map.of(), cache, Optional.of(onPath)))
        .isEqualTo(new EnvoyBinary(onPath, "1.41.2"));
    assertThat(EnvoyBinary.find(Map.of(), cache, Optional.empty()).path()).isEqualTo(cached);
  }

  @Test
  void find_tooOldOnPath_isPassedOverAndNamed() throws Exception {
    Path old = envoy("old", "1.39.2");
    assertThatThrownBy(() -> EnvoyBinary.find(Map.of(), folder.resolve("cache"), Optional.of(old)))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining(old + " (1.39.2)")
        .hasMessageContaining("ENVOY_BIN, on PATH, or fetched into the cache");
  }

  @Test
  void atLeast_comparesNumbersNotText() {
    assertThat(EnvoyBinary.atLeast("1.40.0", "1.39.3")).isTrue();
    assertThat(EnvoyBinary.atLeast("1.39.3", "1.39.3")).isTrue();
    assertThat(EnvoyBinary.atLeast("1.39.10", "1.39.3")).isTrue();
    assertThat(EnvoyBinary.atLeast("1.39.2", "1.39.3")).isFalse();
    assertThat(EnvoyBinary.atLeast("1.9.9", "1.39.3")).isFalse();
  }
}
