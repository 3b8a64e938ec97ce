package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What makes a message the same as an earlier one, per scheme. */
class ReplaySubjectTest {
  private static Verdict.Verified verified(Sample sample, TestRequest request) {
    return (Verdict.Verified) sample.verify(request);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void zen_isItsNonce() {
    Sample sample = Sample.of("zen");
    Verdict.Verified verdict = verified(sample, sample.request());
    assertThat(verdict.replaySubject().by()).isEqualTo(ReplayRule.By.NONCE);
    assertThat(verdict.replaySubject().value()).isEqualTo(ascii(Sample.NONCE));
    assertThat(verdict.eventId()).isEmpty();
    assertThat(verdict.timestamp()).contains(sample.now());
    assertThat(sample.verifier().replay().onePhase()).isTrue();
  }

  @Test
  void P05_github_newDeliveryId_isTheSameMessage() {
    Sample sample = Sample.of("github");
    Verdict.Verified first = verified(sample, sample.request());
    Verdict.Verified second =
        verified(sample, sample.request().with("X-GitHub-Delivery", "another"));
    assertThat(second.replaySubject().value()).isEqualTo(first.replaySubject().value());
    assertThat(first.replaySubject().value())
        .isEqualTo(Sha256.of(Sample.BODY.getBytes(StandardCharsets.UTF_8)));
    assertThat(first.eventId()).contains("5a8f6b0e-delivery");
    assertThat(second.eventId()).contains("another");
    assertThat(sample.scheme().replay())
        .isEqualTo(new ReplayRule(ReplayRule.By.SIGNED_CONTENT, Duration.ofHours(24)));
  }

  @Test
  void github_unfitDeliveryId_isNoEventId() {
    Sample sample = Sample.of("github");
    assertThat(verified(sample, sample.request().without("X-GitHub-Delivery")).eventId()).isEmpty();
    assertThat(verified(sample, sample.request().with("X-GitHub-Delivery", "a/b")).eventId())
        .isEmpty();
  }

  @Test
  void P05_stripe_twoSecrets_giveOneSubject() {
    Sample sample = Sample.of("stripe");
    TestRequest other = sample.signed(TestRequest.post(Sample.BODY), sample.now(), sample.other());
    SchemeVerifier both =
        TestKeys.verifier(
            "stripe", TestKeys.key("a", sample.secret()), TestKeys.key("b", sample.other()));
    Verdict.Verified first = (Verdict.Verified) both.verify(sample.request(), sample.now());
    Verdict.Verified second = (Verdict.Verified) both.verify(other, sample.now());
    assertThat(first.keyId()).isNotEqualTo(second.keyId());
    assertThat(first.replaySubject().value()).isEqualTo(second.replaySubject().value());
  }

  @Test
  void standardWebhooks_retryAtAnotherTime_isTheSameMessage() {
    Sample sample = Sample.of("standard-webhooks");
    Instant later = sample.now().plusSeconds(60);
    TestRequest retry = sample.signed(TestRequest.post(Sample.BODY), later, sample.secret());
    Verdict.Verified first = verified(sample, sample.request());
    Verdict.Verified second = verified(sample, retry);
    assertThat(first.replaySubject().by()).isEqualTo(ReplayRule.By.SIGNED_ID);
    assertThat(first.replaySubject().value()).isEqualTo(second.replaySubject().value());
    assertThat(first.eventId()).contains("msg_p5jXN8AQM9LWM0D4loKWxJek");
  }

  @Test
  void gitlabToken_isTheIdempotencyKeyElseTheEventUuidElseNothing() {
    Sample sample = Sample.of("gitlab-token");
    TestRequest none = sample.request().without("Idempotency-Key");
    TestRequest uuid = none.with("X-Gitlab-Event-UUID", "uuid-1");
    Verdict.Verified both = verified(sample, uuid.with("Idempotency-Key", "key-1"));
    assertThat(both.replaySubject().by()).isEqualTo(ReplayRule.By.UNSIGNED_ID);
    assertThat(both.replaySubject().value()).isEqualTo(ascii("key-1"));
    assertThat(verified(sample, uuid).replaySubject().value()).isEqualTo(ascii("uuid-1"));
    assertThat(verified(sample, none).replaySubject().by()).isEqualTo(ReplayRule.By.NONE);
    assertThat(verified(sample, none).replaySubject().value()).isEmpty();
  }
}
