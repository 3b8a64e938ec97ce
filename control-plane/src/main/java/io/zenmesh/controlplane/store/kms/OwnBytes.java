package io.zenmesh.controlplane.store.kms;

import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;

/**
 * The body of a request as its owner's array itself, so that zeroing the array leaves no copy of
 * ours. {@link HttpRequest.BodyPublishers#ofByteArray} copies into buffers of its own, which nobody
 * can zero. Each subscription sends the whole; a thread of the client's reads it. Thread-safe.
 */
public final class OwnBytes implements HttpRequest.BodyPublisher {
  private final byte[] bytes;

  /**
   * @param bytes the caller's to zero, once the request has ended
   */
  public OwnBytes(byte[] bytes) {
    this.bytes = bytes;
  }

  @Override
  public long contentLength() {
    return bytes.length;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    subscriber.onSubscribe(new Once(subscriber));
  }

  /** Gives all of it to the first request; rule 3.9 of Reactive Streams for one that asks less. */
  private final class Once implements Flow.Subscription {
    private final Flow.Subscriber<? super ByteBuffer> subscriber;
    private boolean ended;

    Once(Flow.Subscriber<? super ByteBuffer> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void request(long count) {
      synchronized (this) {
        if (ended) {
          return;
        }
        ended = true;
      }
      if (count <= 0) {
        subscriber.onError(
            new IllegalArgumentException("request: " + count + " (expected: 1 or more)"));
        return;
      }
      subscriber.onNext(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
      subscriber.onComplete();
    }

    @Override
    public synchronized void cancel() {
      ended = true;
    }
  }
}
