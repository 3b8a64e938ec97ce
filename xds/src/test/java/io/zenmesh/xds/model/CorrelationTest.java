package io.zenmesh.xds.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CorrelationTest {
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  @Test
  void requestId_goesBeforeTheTrace() {
    assertThat(Correlation.of(Optional.of("request-1"), Optional.of(TRACE))).isEqualTo("request-1");
    assertThat(Correlation.of(Optional.empty(), Optional.of(TRACE)))
        .isEqualTo("0af7651916cd43dd8448eb211c80319c");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "short",
        "with blank",
        "line\nbreak",
        "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9",
        "quote\"quote",
        "slash/slash"
      })
  void whatIsNoId_isReplaced(String bad) {
    assertThat(Correlation.of(Optional.of(bad), Optional.empty())).matches("[0-9a-f]{32}");
    assertThat(Correlation.of(Optional.empty(), Optional.of(bad))).matches("[0-9a-f]{32}");
  }

  @Test
  void length_isBounded() {
    assertThat(Correlation.isValid("x".repeat(8))).isTrue();
    assertThat(Correlation.isValid("x".repeat(7))).isFalse();
    assertThat(Correlation.isValid("x".repeat(128))).isTrue();
    assertThat(Correlation.isValid("x".repeat(129))).isFalse();
  }
}
