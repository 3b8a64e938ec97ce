package io.zenmesh.controlplane.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.model.HostPort;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrammarTest {
  @Test
  void listen_readsBothFamilies() {
    assertThat(Grammar.listen("127.0.0.1:443")).contains(new HostPort("127.0.0.1", 443));
    assertThat(Grammar.listen("[::1]:65535")).contains(new HostPort("::1", 65535));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "256.0.0.1:1",
        "a:1",
        "127.0.0.1:01",
        "127.0.0.1:+1",
        "::1:443",
        "[::1]",
        " 127.0.0.1:1",
        "127.0.0.1:1\n"
      })
  void listen_refusesTheRest(String text) {
    assertThat(Grammar.listen(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "hooks.acme.test", "1.2", "a-b.c", "xn--bcher-kva.example"})
  void host_takesLowerCaseNames(String text) {
    assertThat(Grammar.host(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "-a",
        "a-",
        "A.test",
        "a_b",
        "a:443",
        "*",
        "*.acme.test",
        "a b",
        "b\u00fccher.example",
        "a.test\n"
      })
  void host_refusesTheRest(String text) {
    assertThat(Grammar.host(text)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/a", "/a/b/", "/a.b/~c", "/a...b", "/..a"})
  void path_takesNormalForm(String text) {
    assertThat(Grammar.path(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "a", "//", "//a", "/a//b", "/.", "/..", "/a/../b", "/a/./b", "/a%2fb", "/a;b", "/a?b",
        "/a#b", "/a b", "/a\\b", "/\u00e9", "/a\n"
      })
  void path_refusesWhatEnvoyWouldChange(String text) {
    assertThat(Grammar.path(text)).isFalse();
  }

  @Test
  void seconds_areBounded() {
    assertThat(Grammar.seconds("1s")).contains(Duration.ofSeconds(1));
    assertThat(Grammar.seconds("600s")).contains(Duration.ofSeconds(600));
    for (String text :
        new String[] {"0s", "601s", "01s", "5m", "5", "-5s", "1.5s", " 5s", "5s\n"}) {
      assertThat(Grammar.seconds(text)).as(text).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://a.test", "https://", "https:a.test", "https://u:p@a.test", "https://a.test?q",
        "https://a.test#f", "https://a.test:0", "https://a.test:99999", "//a.test", "https://a b"
      })
  void url_refusesAllButPlainHttps(String text) {
    assertThat(Grammar.httpsUrl(text)).isEmpty();
  }

  @Test
  void longPath_stopsAtOnce() {
    assertThat(Grammar.path("/a".repeat(512))).isTrue();
    assertThat(Grammar.path("/" + "a".repeat(2_000_000))).isFalse();
  }
}
