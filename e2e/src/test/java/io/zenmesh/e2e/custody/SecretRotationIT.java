package io.zenmesh.e2e.custody;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.check.Rig;
import io.zenmesh.e2e.control.Zenctl;
import io.zenmesh.e2e.fixture.FaultyMesh;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.harness.DemoEndpoint;
import io.zenmesh.e2e.harness.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Secrets rotated, revoked and handed out by {@code zenctl} while messages come in. */
@ExtendWith(FaultyMesh.class)
class SecretRotationIT {
  private static final Pattern LIVE =
      Pattern.compile("(?m)^zen-key +signing +.*? +([0-9]+) +live ");

  private static final Pattern ISSUED = Pattern.compile("issued [a-z.-]+\\.([0-9]+)\\s");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final DemoEndpoint ZEN = KeyedSender.endpoint("acme/zen");

  @TempDir Path folder;
  private final RunningMesh running;
  private final KeyedSender sender;
  private final Zenctl zenctl;
  private final Path oldKey;
  private Path newKey = Path.of("");

  SecretRotationIT(RunningMesh running) {
    this.running = running;
    this.sender = new KeyedSender(running);
    this.zenctl = new Zenctl(running.state());
    this.oldKey = running.state().secrets().resolve("acme-zen.key");
  }

  @BeforeEach
  void makeAKey() throws IOException {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    newKey = folder.resolve("new.key");
    Files.writeString(
        newKey, "zenk1_" + Base64.getUrlEncoder().withoutPadding().encodeToString(key) + "\n");
  }

  /** The senders of the other tests sign with the key that the mesh began with. */
  @AfterEach
  void restore() throws IOException {
    secret("put", "zen-key", "--secret-file", oldKey.toString());
    assertThat(statuses(oldKey)).containsOnly(Optional.of(200));
  }

  private String secret(String... words) {
    List<String> all = new ArrayList<>(List.of("secret"));
    all.addAll(List.of(words));
    all.addAll(List.of("--tenant", "acme"));
    return run(all);
  }

  private String run(List<String> words) {
    Zenctl.Result result = zenctl.run(words.toArray(String[]::new));
    assertThat(result.status()).as(words + ": " + result.err()).isZero();
    assertThat(result.out() + result.err()).doesNotContain("zenk1_");
    return result.out();
  }

  private Optional<Integer> send(Path key, Rig.Ingress node) throws IOException {
    return sender.send(ZEN, key, node);
  }

  private List<Optional<Integer>> statuses(Path key) throws IOException {
    return sender.toAll(ZEN, key);
  }

  /** Sends good messages to every node until it is stopped; keeps every answer that is not 200. */
  private final class Load implements AutoCloseable {
    private final AtomicReference<List<Path>> keys = new AtomicReference<>(List.of(oldKey));
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicInteger sent = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> refused = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();

    Load() {
      for (Rig.Ingress node : running.rig().ingresses()) {
        threads.add(Thread.ofPlatform().name("load-" + node.node()).start(() -> run(node)));
      }
    }

    private void run(Rig.Ingress node) {
      while (!stopped.get()) {
        for (Path key : keys.get()) {
          try {
            Optional<Integer> status = send(key, node);
            sent.incrementAndGet();
            if (!status.equals(Optional.of(200))) {
              refused.add(node.node() + " " + key.getFileName() + " " + status);
            }
          } catch (IOException e) {
            refused.add(e.toString());
          }
        }
      }
    }

    /** Signs with these from now on; a message on its way was good when it left. */
    void keys(Path... next) {
      keys.set(List.of(next));
      int before = sent.get();
      Eventually.holds("messages signed so", PATIENCE, () -> sent.get() >= before + 8);
    }

    @Override
    public void close() {
      stopped.set(true);
      for (Thread thread : threads) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  @Test
  void rotation_underLoad_refusesNoGoodMessage_andRevocationEndsTheOldKeyAtOnce() throws Exception {
    Matcher live = LIVE.matcher(secret("list"));
    assertThat(live.find()).isTrue();
    String old = live.group(1);
    try (Load load = new Load()) {
      load.keys(oldKey);
      secret("rotate", "zen-key", "--secret-file", newKey.toString(), "--overlap", "1h");
      // Answered once every node has acknowledged: from here on both are good.
      load.keys(oldKey, newKey);
      assertThat(secret("status", "zen-key").lines().skip(1))
          .hasSize(running.rig().ingresses().size())
          .allMatch(it -> it.contains("[" + old + ", ") && it.endsWith("yes"));

      load.keys(newKey);
      secret("revoke", "zen-key", "--version-number", old);
      long revoked = System.nanoTime();
      assertThat(statuses(oldKey)).containsOnly(Optional.of(401));
      long refusedAfterMillis = (System.nanoTime() - revoked) / 1_000_000;
      assertThat(refusedAfterMillis).isLessThan(1_000);
      secret("destroy", "zen-key", "--version-number", old);
      load.keys(newKey);

      load.close();
      assertThat(load.refused).isEmpty();
      assertThat(load.sent.get()).isGreaterThan(100);
      System.out.println(
          "rotation under load: "
              + load.sent.get()
              + " good messages, 0 refused; old key refused on every node "
              + refusedAfterMillis
              + " ms after revoke answered");
    }
  }

  @Test
  void P02_issuedKey_verifiesForItsTenantOnly_untilItIsRevoked() throws Exception {
    String issued = issue("acme", folder.resolve("own.key"));
    var _ = issue("globex", folder.resolve("foreign.key"));
    Path own = folder.resolve("own.key");
    Path foreign = folder.resolve("foreign.key");
    assertThat(statuses(own)).containsOnly(Optional.of(200));
    assertThat(statuses(foreign)).containsOnly(Optional.of(401));
    run(
        List.of(
            "key",
            "revoke",
            "--tenant",
            "acme",
            "--cluster",
            "edge-local",
            "--purpose",
            "ingress",
            "--version-number",
            issued));
    assertThat(statuses(own)).containsOnly(Optional.of(401));
  }

  /** Returns the number of the key's version. */
  private String issue(String tenant, Path file) {
    Zenctl.Result result =
        zenctl.run(
            "key",
            "issue",
            "--tenant",
            tenant,
            "--cluster",
            "edge-local",
            "--purpose",
            "ingress",
            "--out",
            file.toString());
    Matcher issued = ISSUED.matcher(result.err());
    assertThat(issued.find()).as(result.err()).isTrue();
    return issued.group(1);
  }
}
