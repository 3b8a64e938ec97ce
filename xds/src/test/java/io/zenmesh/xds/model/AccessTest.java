package io.zenmesh.xds.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.model.ClientRequirement.Mtls;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {
  private static final ClientRequirement ANY =
      new ClientRequirement(Mtls.REQUIRED, List.of(), List.of());

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0/0",
        "10.0.0.0/8",
        "192.0.2.7/32",
        "192.0.2.128/25",
        "::/0",
        "::1/128",
        "2001:db8::/32",
        "2001:db8:0:0:8000::/65"
      })
  void network_isReadAsWritten(String text) {
    assertThat(Cidr.parse(text)).hasValueSatisfying(it -> assertThat(it).hasToString(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/8",
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/08",
        "10.0.0.0/+8",
        "10.0.0.0/-1",
        "10.0.0.1/8",
        "192.0.2.129/25",
        "10.0.0/8",
        "10/8",
        "010.0.0.0/8",
        "0x0a.0.0.0/8",
        "167772160/8",
        "256.0.0.0/8",
        "10.0.0.0/8 ",
        " 10.0.0.0/8",
        "10.0.0.0/8/8",
        "2001:db8::/129",
        "2001:db8::1/32",
        "2001:DB8::/32",
        "2001:db8::0::/32",
        "[2001:db8::]/32",
        "fe80::%eth0/64",
        "::ffff:192.0.2.0/120",
        "::ffff:c000:200/120",
        "::192.0.2.0/120",
        ":/8",
        "localhost/8",
        "\u0661.0.0.0/8"
      })
  void textThatIsNoNetwork_isRefused(String text) {
    assertThat(Cidr.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "SECOND,1,1",
    "SECOND,1000,1",
    "MINUTE,1,60",
    "MINUTE,7,9",
    "MINUTE,60,1",
    "MINUTE,61,1"
  })
  void retryAfter_isWhenTheNextTokenComes(RateLimit.Per per, int requests, int seconds) {
    assertThat(new RateLimit(requests, per, 1).retryAfterSeconds()).isEqualTo(seconds);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, RateLimit.MAX + 1})
  void rateOutOfBounds_isRefused(int number) {
    assertThatThrownBy(() -> new RateLimit(number, RateLimit.Per.SECOND, 1))
        .hasMessageStartingWith("requests: " + number);
    assertThatThrownBy(() -> new RateLimit(1, RateLimit.Per.SECOND, number))
        .hasMessageStartingWith("burst: " + number);
  }

  @Test
  void clientCertificateWithoutRoots_orRootsWithoutOne_areRefused() {
    assertThatThrownBy(() -> new Access(ANY, Optional.empty(), Optional.empty(), List.of()))
        .hasMessageStartingWith("clientCa: missing");
    assertThatThrownBy(() ->
            new Access(ClientRequirement.NONE, Optional.of("ca"), Optional.empty(), List.of()))
        .hasMessageStartingWith("clientCa: given");
  }

  @Test
  void moreNetworksOrNamesThanTheBound_areRefused() {
    Cidr network = Cidr.parse("10.0.0.0/8").orElseThrow();
    assertThatThrownBy(() ->
            new Access(
                ClientRequirement.NONE,
                Optional.empty(),
                Optional.empty(),
                Collections.nCopies(65, network)))
        .hasMessageStartingWith("allowFrom: 65");
    assertThatThrownBy(
            () -> new ClientRequirement(Mtls.OPTIONAL, Collections.nCopies(65, "x"), List.of()))
        .hasMessageStartingWith("client names: 65");
  }

  @Test
  void namesWithoutACertificate_areRefused() {
    assertThatThrownBy(() -> new ClientRequirement(Mtls.NONE, List.of(), List.of("a.test")))
        .hasMessageStartingWith("client names: given");
  }
}
