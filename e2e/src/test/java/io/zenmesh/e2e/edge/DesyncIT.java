package io.zenmesh.e2e.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.e2e.check.Draft;
import io.zenmesh.e2e.check.Field;
import io.zenmesh.e2e.check.Http1Conversation;
import io.zenmesh.e2e.check.Http1Conversation.Reading;
import io.zenmesh.e2e.check.ReceivedRequest;
import io.zenmesh.e2e.check.Rig;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.fixture.SharedMesh;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedMesh.class)
class DesyncIT {
  private static final int CASES = 158;
  private static final int AT_A_TIME = 16;
  private static final Duration QUIET = Duration.ofMillis(1500);
  private static final String ENDPOINT = "acme/zen";

  private final RunningMesh running;
  private final Rig.Ingress ingress;

  DesyncIT(RunningMesh running) {
    this.running = running;
    this.ingress = running.first();
  }

  /**
   * What came of a case.
   *
   * @param reading what the client read
   * @param arrived what reached the target
   */
  private record Result(DesyncCase of, Reading reading, List<ReceivedRequest> arrived) {
    String answers() {
      List<String> codes =
          reading.answers().stream().map(answer -> String.valueOf(answer.code())).toList();
      return codes.isEmpty() ? "no answer" : String.join("+", codes);
    }
  }

  @Test
  void E02_desyncCase_unsigned_neverReachesTheTarget(TestReporter reporter) throws Exception {
    List<DesyncCase> cases = DesyncCase.all();
    assertThat(cases).hasSize(CASES);
    long mark = running.arrivals().total();

    List<Result> results = all(cases, one -> raw(one, unsigned(one)));

    reporter.publishEntry("E02 unsigned", count(results).toString());
    assertThat(running.arrivals().after(mark)).isEmpty();
    assertThat(results)
        .allSatisfy(result ->
            assertThat(result.reading().answers())
                .as("%s", result.of())
                .noneMatch(answer -> answer.code() == 200));
  }

  @Test
  void E02_desyncCase_aroundASignedMessage_bringsNoSecondRequest(TestReporter reporter)
      throws Exception {
    List<Result> results = all(DesyncCase.all(), this::smuggle);

    reporter.publishEntry("E02 signed", count(results).toString());
    assertThat(results)
        .allSatisfy(result -> {
          assertThat(result.arrived()).as("%s", result.of()).hasSizeLessThanOrEqualTo(1);
          long accepted = result.reading().answers().stream().filter(a -> a.code() == 200).count();
          assertThat(accepted).as("%s", result.of()).isLessThanOrEqualTo(1);
        });
    List<String> paths =
        running.arrivals().matching(request -> true).stream().map(ReceivedRequest::path).toList();
    assertThat(paths).noneMatch(path -> path.contains("smuggled"));
  }

  /** A well-signed message whose body is a request, with the case's headers around it. */
  private Result smuggle(DesyncCase one) throws IOException {
    String checkId = CheckSuite.newCheckId();
    ByteString inner =
        ByteString.copyFromUtf8(
            "0\r\n\r\nPOST /acme/zen?smuggled HTTP/1.1\r\nHost: hooks.acme.test\r\n"
                + "X-Zen-Tenant: mallory\r\nX-Zen-Verified: true\r\nContent-Length: 5\r\n\r\nforge");
    Draft draft = Draft.correct(ENDPOINT).with(inner);
    WireRequest signed = running.compose(draft, ingress, checkId);
    List<Field> lines = new ArrayList<>();
    lines.add(new Field("Host", " " + signed.authority()));
    signed.headers().forEach(field -> lines.add(new Field(field.name(), " " + field.value())));
    List<Field> own = one.headers().stream().filter(field -> !field.is("host")).toList();
    if (own.stream().noneMatch(DesyncIT::framing)) {
      lines.add(new Field("Content-Length", " " + inner.size()));
    }
    lines.addAll(own);
    ByteString request = head("POST", signed.path(), one.version(), lines).concat(inner);
    Reading reading = talk(request);
    return new Result(one, reading, running.arrived(checkId));
  }

  private static boolean framing(Field field) {
    return field.is("content-length") || field.is("transfer-encoding");
  }

  private ByteString unsigned(DesyncCase one) {
    return head(one.method(), one.uri(), one.version(), one.headers());
  }

  private Result raw(DesyncCase one, ByteString request) throws IOException {
    return new Result(one, talk(request), List.of());
  }

  private static ByteString head(String method, String uri, String version, List<Field> lines) {
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(uri).append(' ').append(version).append("\r\n");
    lines.forEach(line -> head.append(line.name()).append(':').append(line.value()).append("\r\n"));
    return ByteString.copyFrom(head.append("\r\n").toString(), UTF_8);
  }

  private Reading talk(ByteString request) throws IOException {
    try (Http1Conversation conversation =
        running.http1().open(ingress.port(), running.rig().source(ENDPOINT).host())) {
      conversation.write(request.toByteArray());
      return conversation.drain(QUIET);
    }
  }

  /** A step that opens connections. */
  private interface Step {
    Result take(DesyncCase one) throws IOException;
  }

  private static List<Result> all(List<DesyncCase> cases, Step step)
      throws InterruptedException, ExecutionException {
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME)) {
      List<Callable<Result>> tasks = new ArrayList<>();
      cases.forEach(one -> tasks.add(() -> step.take(one)));
      List<Result> results = new ArrayList<>();
      for (Future<Result> done : threads.invokeAll(tasks)) {
        results.add(done.get());
      }
      return results;
    }
  }

  private static Map<String, Integer> count(List<Result> results) {
    Map<String, Integer> counts = new TreeMap<>();
    results.forEach(result ->
        counts.merge(result.answers() + " at target " + result.arrived().size(), 1, Integer::sum));
    return counts;
  }
}
