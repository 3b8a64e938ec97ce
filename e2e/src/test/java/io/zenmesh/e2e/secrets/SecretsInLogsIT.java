package io.zenmesh.e2e.secrets;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.e2e.check.Draft;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.Protocol;
import io.zenmesh.e2e.check.Rig;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.fixture.SharedMesh;
import io.zenmesh.e2e.harness.DemoEndpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs last, so that it reads what all other suites made the processes write. */
@Order(Integer.MAX_VALUE)
@ExtendWith(SharedMesh.class)
class SecretsInLogsIT {
  private final RunningMesh running;

  SecretsInLogsIT(RunningMesh running) {
    this.running = running;
  }

  @Test
  void P12_secretsInKeysHeadersAndBodies_appearNowhere() throws IOException {
    List<Canary> canaries = new ArrayList<>(configured());
    canaries.addAll(planted());

    Map<String, byte[]> places = places();

    assertThat(places.keySet()).anyMatch(name -> name.contains("extproc"));
    assertThat(places.keySet()).anyMatch(name -> name.contains("control-plane"));
    assertThat(places.keySet()).anyMatch(name -> name.contains("envoy"));
    assertThat(hits(canaries, places)).isEmpty();
  }

  /** Without this test, a scan that reads nothing would pass the other one. */
  @Test
  void P12_secretLeakedOnPurpose_isFoundInEveryForm() throws IOException {
    Canary canary = configured().getFirst();
    Path log = running.state().log("leaked-on-purpose");
    try {
      for (String form : canary.forms()) {
        Files.writeString(log, "2026 INFO key=" + form + "\n", ISO_8859_1);

        assertThat(hits(List.of(canary), places())).as("a form of %s", canary).isNotEmpty();
      }
    } finally {
      Files.delete(log);
    }
  }

  /** Everything the mesh keeps secret: signing keys, passwords, private keys, the keyset. */
  private List<Canary> configured() throws IOException {
    List<Canary> canaries = new ArrayList<>();
    for (DemoEndpoint endpoint : DemoEndpoint.ALL) {
      byte[] shown = trimmed(Files.readAllBytes(running.mesh().files().secret(endpoint)));
      canaries.add(new Canary(endpoint.secretFile(), shown));
      decoded(new String(shown, UTF_8))
          .ifPresent(key -> canaries.add(new Canary(endpoint.secretFile() + " decoded", key)));
    }
    try (Stream<Path> tree = Files.walk(running.state().root())) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        String name = String.valueOf(file.getFileName());
        if (name.equals("password") || name.endsWith(".password")) {
          canaries.add(new Canary(file.toString(), trimmed(Files.readAllBytes(file))));
        } else if (name.equals("key.pem") || name.endsWith(".key")) {
          privateKey(file).ifPresent(canaries::add);
        }
      }
    }
    assertThat(canaries.size()).isGreaterThan(DemoEndpoint.ALL.size() * 2);
    return canaries;
  }

  /** Sends requests, right and wrong, that carry secrets where a careless program prints them. */
  private List<Canary> planted() {
    List<Canary> canaries = new ArrayList<>();
    for (DemoEndpoint endpoint : DemoEndpoint.ALL) {
      for (Rig.Ingress ingress : running.rig().ingresses()) {
        String name = endpoint.ref().routeName();
        Canary header = canary("header", canaries);
        Canary body = canary("body", canaries);
        Draft draft = Draft.correct(name).with(ByteString.copyFrom(body.bytes()));
        WireRequest request =
            running
                .compose(draft, ingress, CheckSuite.newCheckId())
                .plus("Authorization", "Bearer " + new String(header.bytes(), UTF_8))
                .plus("Cookie", "session=" + new String(header.bytes(), UTF_8));
        Outcome accepted = running.send(Protocol.HTTP_2, ingress, name, request);
        Outcome refused =
            running.send(
                Protocol.HTTP_1,
                ingress,
                name,
                request.plus("X-Gitlab-Token", new String(header.bytes(), UTF_8)));
        assertThat(accepted.status()).as("%s: %s", name, accepted).hasValue(200);
        assertThat(refused.status()).isNotEqualTo(accepted.status());
      }
    }
    return canaries;
  }

  private static Canary canary(String name, List<Canary> into) {
    Canary canary =
        new Canary("planted in a " + name, ("canary" + CheckSuite.newCheckId()).getBytes(UTF_8));
    into.add(canary);
    return canary;
  }

  /** Every log, and everything the processes tell about themselves. */
  private Map<String, byte[]> places() throws IOException {
    Map<String, byte[]> places = new LinkedHashMap<>();
    Path logs = running.state().log("any").getParent();
    try (Stream<Path> files = Files.list(Objects.requireNonNull(logs))) {
      for (Path file : files.toList()) {
        places.put(file.toString(), Files.readAllBytes(file));
      }
    }
    for (String node : running.mesh().ingressNodes()) {
      places.put(
          "extproc " + node + " /metrics",
          running.mesh().processor(node).get("/metrics").body().getBytes(UTF_8));
      for (String path : List.of("/stats", "/certs", "/clusters", "/listeners")) {
        places.put(
            "envoy " + node + " " + path, running.mesh().envoy(node).admin(path).getBytes(UTF_8));
      }
    }
    for (var process : running.mesh().running()) {
      places.put(
          process.name() + " command line",
          Files.readAllBytes(Path.of("/proc", Long.toString(process.pid()), "cmdline")));
    }
    return places;
  }

  private static List<String> hits(List<Canary> canaries, Map<String, byte[]> places) {
    List<String> hits = new ArrayList<>();
    places.forEach((place, content) -> {
      String text = new String(content, ISO_8859_1);
      for (Canary canary : canaries) {
        if (canary.forms().stream().anyMatch(text::contains)) {
          hits.add(canary.name() + " in " + place);
        }
      }
    });
    return hits;
  }

  private static Optional<byte[]> decoded(String shown) {
    if (shown.startsWith("zenk1_")) {
      return Optional.of(Base64.getUrlDecoder().decode(shown.substring(6)));
    }
    try {
      return shown.startsWith("whsec_")
          ? Optional.of(Base64.getDecoder().decode(shown.substring(6)))
          : Optional.empty();
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }

  /** The middle line of a PEM key: enough to know it by, in the form a leak would have. */
  private static Optional<Canary> privateKey(Path file) {
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> !line.startsWith("-----") && line.length() > 40)
          .skip(1)
          .findFirst()
          .map(line -> new Canary(file.toString(), line.getBytes(UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] trimmed(byte[] bytes) {
    return bytes.length > 0 && bytes[bytes.length - 1] == '\n'
        ? Arrays.copyOf(bytes, bytes.length - 1)
        : bytes;
  }
}
