package io.zenmesh.e2e.custody;

import com.google.protobuf.ByteString;
import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.e2e.check.Field;
import io.zenmesh.e2e.check.Protocol;
import io.zenmesh.e2e.check.Rig;
import io.zenmesh.e2e.check.Signing;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.harness.DemoEndpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sends messages of the demo set that are signed with keys of a test's choice. */
record KeyedSender(RunningMesh running) {
  /** The status of one new message; empty when there was no answer. */
  Optional<Integer> send(DemoEndpoint endpoint, Path key, Rig.Ingress node) throws IOException {
    String id = CheckSuite.newCheckId();
    WireRequest request =
        WireRequest.post(
            endpoint.host() + ":" + node.port(),
            endpoint.path(),
            ByteString.copyFromUtf8("{\"order\":\"" + id + "\"}"),
            List.of(new Field("Content-Type", "application/json")));
    List<Field> headers = new ArrayList<>(request.headers());
    headers.addAll(
        Signing.headers(endpoint.scheme(), key, request, Clock.systemUTC().instant(), id));
    return running
        .send(Protocol.HTTP_1, node, endpoint.ref().routeName(), request.withHeaders(headers))
        .status();
  }

  /** One new message to each ingress node. */
  List<Optional<Integer>> toAll(DemoEndpoint endpoint, Path key) throws IOException {
    List<Optional<Integer>> statuses = new ArrayList<>();
    for (Rig.Ingress node : running.rig().ingresses()) {
      statuses.add(send(endpoint, key, node));
    }
    return statuses;
  }

  /** The endpoint of the demo set with this route name. */
  static DemoEndpoint endpoint(String routeName) {
    return DemoEndpoint.ALL.stream()
        .filter(it -> it.ref().routeName().equals(routeName))
        .findFirst()
        .orElseThrow();
  }
}
