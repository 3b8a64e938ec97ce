package io.zenmesh.xds.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.model.EndpointPolicy.OnDuplicate;
import io.zenmesh.xds.model.EndpointPolicy.OnStoreLoss;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "0", "acme", "acme-2", "a-", "edge-eu1"})
  void name_withinTheGrammar_isAccepted(String text) {
    assertThat(Name.isValid(text)).isTrue();
    assertThat(new Name(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "-a", "A", "acme_1", "a.b", "a/b", "a b", "ä", "a\n", "\u0131", "a\u0000"})
  void name_outsideTheGrammar_isRefused(String text) {
    assertThat(Name.isValid(text)).isFalse();
    assertThatThrownBy(() -> new Name(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("name: ")
        .message()
        .matches("[\\x20-\\x7e]*");
  }

  @Test
  void name_atItsLongest_isAcceptedAndOneMoreRefused() {
    assertThat(Name.isValid("a".repeat(63))).isTrue();
    assertThat(Name.isValid("a".repeat(64))).isFalse();
    assertThatThrownBy(() -> new Name("a".repeat(5000))).message().hasSizeLessThan(200);
  }

  @Test
  void endpointRef_readsWhatItWrites() {
    EndpointRef ref = new EndpointRef(new Name("acme"), new Name("orders"));
    assertThat(EndpointRef.parse(ref.routeName())).isEqualTo(ref);
    for (String text : List.of("acme", "acme/", "/orders", "acme/a/b", "acme//b", "Acme/b", "")) {
      assertThatThrownBy(() -> EndpointRef.parse(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(NodeRole.class)
  void nodeId_readsWhatItWrites(NodeRole role) {
    NodeId node = new NodeId(new Name("edge"), role, new Name("ingress-1"));
    assertThat(NodeId.fromSpiffePath(node.spiffePath())).contains(node);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/cluster/edge/envoy",
        "/cluster/edge/envoy/a/b",
        "/cluster/edge/ENVOY/a",
        "/cluster/edge/agent/a",
        "/cluster/Edge/envoy/a",
        "/cluster/edge/envoy/",
        "x/cluster/edge/envoy/a",
        "/clusters/edge/envoy/a",
        "/control-plane"
      })
  void nodeId_ofAnotherPath_isEmpty(String path) {
    assertThat(NodeId.fromSpiffePath(path)).isEmpty();
  }

  @Test
  void hostPort_outOfBounds_isRefused() {
    for (int port : List.of(0, -1, 65536)) {
      assertThatThrownBy(() -> new HostPort("h", port)).hasMessageStartingWith("port: " + port);
    }
    assertThatThrownBy(() -> new HostPort("", 1)).hasMessageStartingWith("host: ");
    assertThat(new HostPort("::1", 65535)).hasToString("[::1]:65535");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://a.example/",
        "https://user@a.example/",
        "https://a.example/?q=1",
        "https://a.example/#f",
        "https:///path",
        "mailto:a@b"
      })
  void destination_thatIsNoPlainHttpsUrl_isRefused(String url) {
    assertThatThrownBy(() -> destination(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("url: ");
  }

  @Test
  void destination_knowsWhereToConnect() {
    assertThat(destination("https://a.example").address())
        .isEqualTo(new HostPort("a.example", 443));
    assertThat(destination("https://[::1]:8443/x").address()).isEqualTo(new HostPort("::1", 8443));
  }

  @Test
  void policy_outOfBounds_isRefused() {
    assertThat(policy(EndpointPolicy.MAX_BODY_BYTES_CEILING, Duration.ofSeconds(600))).isNotNull();
    assertThat(policy(1, Duration.ofSeconds(1))).isNotNull();
    for (int bytes : List.of(0, -1, EndpointPolicy.MAX_BODY_BYTES_CEILING + 1)) {
      assertThatThrownBy(() -> policy(bytes, Duration.ofSeconds(1)))
          .hasMessageStartingWith("maxBodyBytes: ");
    }
    for (Duration tolerance :
        List.of(Duration.ZERO, Duration.ofMillis(999), Duration.ofMillis(600_001))) {
      assertThatThrownBy(() -> policy(1, tolerance)).hasMessageStartingWith("tolerance: ");
    }
  }

  private static Destination destination(String url) {
    return new Destination(new Name("acme"), new Name("d"), URI.create(url), Optional.empty());
  }

  private static EndpointPolicy policy(int maxBodyBytes, Duration tolerance) {
    return new EndpointPolicy(
        EndpointRef.parse("acme/orders"),
        "zen",
        Optional.of(tolerance),
        maxBodyBytes,
        Optional.empty(),
        OnDuplicate.REFUSE,
        OnStoreLoss.REFUSE);
  }
}
