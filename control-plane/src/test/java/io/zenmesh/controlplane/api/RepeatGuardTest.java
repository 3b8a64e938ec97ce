package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.custody.MacKey;
import io.zenmesh.controlplane.tenant.Caller;
import io.zenmesh.controlplane.tenant.CommitWatch;
import io.zenmesh.controlplane.tenant.Repeats;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RepeatGuardTest {
  private static final byte[] VALUE = "guessable".getBytes(StandardCharsets.US_ASCII);

  private final Memory memory = new Memory();
  private int done;

  /** Remembers in a map. */
  private static final class Memory implements Repeats {
    private final Map<String, Begun> known = new HashMap<>();
    private final Map<String, Key> keys = new HashMap<>();
    private boolean away;

    @Override
    public Begun begin(Key key, Instant now) {
      keys.putIfAbsent(key.key(), key);
      if (!key.equals(keys.get(key.key()))) {
        return new Begun.Other();
      }
      Begun before = known.putIfAbsent(key.key(), new Begun.Unfinished());
      return before == null ? new Begun.First() : before;
    }

    @Override
    public void finish(Key key, int status, String contentType, String body) {
      known.put(key.key(), new Begun.Answered(status, contentType, body));
    }

    @Override
    public void forget(Key key) {
      if (away) {
        throw new IllegalStateException("away");
      }
      known.remove(key.key());
      keys.remove(key.key());
    }
  }

  private RepeatGuard guard(int keyByte) {
    byte[] key = new byte[32];
    key[0] = (byte) keyByte;
    return new RepeatGuard(memory, new MacKey(SecretBytes.takeOver(key)), Clock.systemUTC());
  }

  private static ApiOperation operation(String id) {
    return ApiContract.bundled().operations().stream()
        .filter(it -> it.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static ApiRequest request() {
    return request(operation("rotateSecret"));
  }

  private static ApiRequest request(ApiOperation operation) {
    return new ApiRequest(
        operation,
        Optional.of(new Caller.Operator("spiffe://zen.test/operator/admin")),
        new ApiParameters(
            Map.of("tenant", "acme", "name", "partner"),
            Map.of(),
            Map.of(RepeatGuard.HEADER, "key-1")),
        VALUE.clone(),
        "correlation");
  }

  private Answer counted(int status) {
    done++;
    return Answer.json(status, Map.of("done", done));
  }

  private static String text(Answer answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  @Test
  void repetition_whileTheFirstIsWorkedOn_isAConflictAndNotDone() {
    RepeatGuard guard = guard(1);
    guard.answer(
        request(),
        first -> {
          Answer second = guard.answer(request(), it -> counted(200));
          assertThat(second.status()).isEqualTo(409);
          assertThat(text(second)).contains("\"code\":\"repeat_unfinished\"");
          return counted(200);
        });
    assertThat(done).isEqualTo(1);
    assertThat(text(guard.answer(request(), it -> counted(200)))).isEqualTo("{\"done\":1}");
  }

  private static Answer failing(boolean changed) {
    if (changed) {
      CommitWatch.committing();
    }
    throw new IllegalStateException("half done");
  }

  private void assertFails(RepeatGuard guard, ApiRequest request, boolean changed) {
    assertThatThrownBy(() -> guard.answer(request, it -> failing(changed)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("half done");
  }

  @Test
  void requestThatFailedAfterAChange_isNotDoneAgain() {
    RepeatGuard guard = guard(1);
    assertFails(guard, request(), true);
    assertThat(guard.answer(request(), it -> counted(200)).status()).isEqualTo(409);
    assertThat(done).isZero();
  }

  @Test
  void requestThatFailedBeforeAnyChange_mayComeAgainUnderItsKey() {
    RepeatGuard guard = guard(1);
    assertFails(guard, request(), false);
    assertThat(guard.answer(request(), it -> counted(503)).status()).isEqualTo(503);
    assertThat(guard.answer(request(), it -> counted(200)).status()).isEqualTo(200);
    assertThat(text(guard.answer(request(), it -> counted(200)))).isEqualTo("{\"done\":2}");
  }

  @Test
  void requestAnsweredWithAFaultAfterAChange_isNotDoneAgain() {
    RepeatGuard guard = guard(1);
    guard.answer(
        request(),
        it -> {
          CommitWatch.committing();
          return counted(500);
        });
    assertThat(guard.answer(request(), it -> counted(200)).status()).isEqualTo(409);
    assertThat(done).isEqualTo(1);
  }

  @Test
  void requestOfNoTenantThatFailed_isNotDoneAgain_forItsEffectsAreNotRowsAlone() {
    RepeatGuard guard = guard(1);
    assertFails(guard, request(operation("rotateKek")), false);
    assertThat(guard.answer(request(operation("rotateKek")), it -> counted(200)).status())
        .isEqualTo(409);
  }

  @Test
  void keyThatCannotBeGivenBack_staysTaken_andTheFailureIsTheFirstOne() {
    RepeatGuard guard = guard(1);
    memory.away = true;
    assertFails(guard, request(), false);
    memory.away = false;
    assertThat(guard.answer(request(), it -> counted(200)).status()).isEqualTo(409);
  }

  @Test
  void requestThatWasToldToWait_mayComeAgainUnderItsKey() {
    RepeatGuard guard = guard(1);
    assertThat(guard.answer(request(), it -> counted(429)).status()).isEqualTo(429);
    assertThat(guard.answer(request(), it -> counted(200)).status()).isEqualTo(200);
  }

  @Test
  void answerThatIsTooLong_isGivenOnceAndRememberedAsGiven() {
    RepeatGuard guard = guard(1);
    String longest = "x".repeat(Repeats.MAX_BODY_BYTES);
    assertThat(guard.answer(request(), it -> Answer.json(200, longest)).status()).isEqualTo(200);
    assertThat(text(guard.answer(request(), it -> counted(200))))
        .contains("\"code\":\"answer_not_kept\"");
    assertThat(done).isZero();
  }

  @Test
  void whatIsKeptOfARequest_doesNotLetItsSecretBeGuessed() throws NoSuchAlgorithmException {
    guard(1).answer(request(), it -> counted(200));
    String kept = memory.keys.values().iterator().next().digest();
    assertThat(kept)
        .hasSize(64)
        .isNotEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(VALUE)));
    // Who does not have the key gets another mark of the same request.
    assertThat(text(guard(2).answer(request(), it -> counted(200))))
        .contains("\"code\":\"idempotency_key_reused\"");
    assertThat(done).isEqualTo(1);
  }
}
