package io.zenmesh.controlplane.store.kms;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

class OwnBytesTest {
  private static final byte[] KEY = "data key, in base64".getBytes(StandardCharsets.US_ASCII);

  /** Keeps what it gets, as the client's queues do. */
  private static final class Keeping implements Flow.Subscriber<ByteBuffer> {
    private final List<ByteBuffer> buffers = new ArrayList<>();
    private final List<String> ends = new ArrayList<>();
    private final long ask;
    private final boolean cancel;

    Keeping(long ask, boolean cancel) {
      this.ask = ask;
      this.cancel = cancel;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      if (cancel) {
        subscription.cancel();
      }
      subscription.request(ask);
      subscription.request(ask);
    }

    @Override
    public void onNext(ByteBuffer buffer) {
      buffers.add(buffer);
    }

    @Override
    public void onError(Throwable failure) {
      ends.add(failure.getMessage());
    }

    @Override
    public void onComplete() {
      ends.add("complete");
    }

    String text() {
      return StandardCharsets.US_ASCII.decode(buffers.getFirst().duplicate()).toString();
    }
  }

  private static Keeping subscribed(OwnBytes body, long ask, boolean cancel) {
    Keeping subscriber = new Keeping(ask, cancel);
    body.subscribe(subscriber);
    return subscriber;
  }

  @Test
  void K06_zeroedArray_leavesNothingInWhatWasHandedOn() {
    byte[] body = KEY.clone();
    Keeping subscriber = subscribed(new OwnBytes(body), 1, false);
    assertThat(subscriber.text()).isEqualTo("data key, in base64");
    Arrays.fill(body, (byte) 0);
    assertThat(subscriber.text()).isEqualTo("\0".repeat(KEY.length));
    assertThat(subscriber.buffers).hasSize(1);
    assertThat(subscriber.ends).containsExactly("complete");
  }

  /** A question that is asked again sends it again. */
  @Test
  void eachSubscription_getsTheWhole() {
    OwnBytes body = new OwnBytes(KEY);
    assertThat(body.contentLength()).isEqualTo(KEY.length);
    for (int i = 0; i < 3; i++) {
      assertThat(subscribed(body, Long.MAX_VALUE, false).text()).isEqualTo("data key, in base64");
    }
  }

  @Test
  void cancelledOrMalformedRequest_getsNothing() {
    assertThat(subscribed(new OwnBytes(KEY), 1, true).buffers).isEmpty();
    Keeping malformed = subscribed(new OwnBytes(KEY), 0, false);
    assertThat(malformed.buffers).isEmpty();
    assertThat(malformed.ends).containsExactly("request: 0 (expected: 1 or more)");
  }
}
