package io.zenmesh.extproc.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.zenmesh.extproc.fixture.HandClock;
import io.zenmesh.extproc.fixture.TestMesh;
import io.zenmesh.extproc.policy.PreparedEndpoint;
import io.zenmesh.extproc.signature.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RefusalLogTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(RefusalLog.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final HandClock clock = new HandClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final RefusalLog log = new RefusalLog(clock::nanoTime);

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
    logger.setLevel(null);
    logger.setAdditive(true);
  }

  @Test
  void refusal_isOneLineOfReasonEndpointAndScheme() {
    Optional<PreparedEndpoint> zen = TestMesh.active().current().orElseThrow().find(TestMesh.ZEN);
    log.refused(Reason.TIMESTAMP_TOO_OLD, zen, "request-1");
    log.refused(Reason.ENDPOINT_UNKNOWN, Optional.empty(), "request-2");
    assertThat(lines.list).hasSize(2);
    assertThat(lines.list.getFirst().getKeyValuePairs().toString())
        .contains("timestamp_too_old", "acme/zen", "zen", "request-1");
    assertThat(lines.list.getLast().getKeyValuePairs().toString()).contains("endpoint_unknown");
  }

  @Test
  void flood_isCutAndCounted() {
    for (int i = 0; i < 200; i++) {
      log.refused(Reason.SIGNATURE_MISSING, Optional.empty(), "request-3");
    }
    assertThat(lines.list).hasSize(RefusalLog.LINES_PER_SECOND);
    clock.advance(Duration.ofSeconds(1));
    log.refused(Reason.SIGNATURE_MISSING, Optional.empty(), "request-3");
    assertThat(lines.list.getLast().getKeyValuePairs().toString()).contains("leftOut=\"150\"");
  }

  @Test
  void P14_controlCharacters_areEscapedByTheEncoder() {
    logger.info("one\r\ntwo\u001b[31m {\"level\":\"forged\"}");
    JsonEncoder encoder = new JsonEncoder();
    encoder.setWithFormattedMessage(true);
    encoder.setContext(logger.getLoggerContext());
    encoder.start();
    String text = new String(encoder.encode(lines.list.getFirst()), StandardCharsets.UTF_8);
    assertThat(text.strip()).doesNotContain("\n", "\r", "\u001b");
  }
}
