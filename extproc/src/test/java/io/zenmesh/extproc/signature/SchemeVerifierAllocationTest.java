package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The path of a request allocates nothing that grows with the body. */
class SchemeVerifierAllocationTest {
  private static final int LARGE = 1024 * 1024;
  private static final int ROUNDS = 8;

  /** A request whose body views cost nothing, on the heap or not. */
  private record Viewed(TestRequest headers, ByteBuffer bytes) implements SignedRequest {
    @Override
    public String method() {
      return headers.method();
    }

    @Override
    public String authority() {
      return headers.authority();
    }

    @Override
    public String path() {
      return headers.path();
    }

    @Override
    public List<String> header(String lowerCaseName) {
      return headers.header(lowerCaseName);
    }

    @Override
    public ByteBuffer body() {
      return bytes.asReadOnlyBuffer();
    }
  }

  @Test
  void verify_largeBody_allocatesNoMoreThanASmallOne() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (String scheme : Sample.names()) {
      for (boolean direct : new boolean[] {false, true}) {
        Sample sample = Sample.of(scheme);
        long small = allocated(threads, sample, 1024, direct);
        long large = allocated(threads, sample, LARGE, direct);
        assertThat(large - small).as("%s, direct %s", scheme, direct).isLessThan(16 * 1024);
      }
    }
  }

  private static long allocated(ThreadMXBean threads, Sample sample, int length, boolean direct) {
    byte[] body = new byte[length];
    TestRequest signed =
        sample.signed(TestRequest.post(body), sample.now(), sample.secret()).withBody("");
    ByteBuffer bytes =
        direct ? ByteBuffer.allocateDirect(length).put(body).flip() : ByteBuffer.wrap(body);
    Viewed request = new Viewed(signed, bytes);
    assertThat(sample.verifier().verify(request, sample.now()))
        .isInstanceOf(Verdict.Verified.class);
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < ROUNDS; i++) {
      sample.verifier().verify(request, sample.now());
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / ROUNDS;
  }
}
