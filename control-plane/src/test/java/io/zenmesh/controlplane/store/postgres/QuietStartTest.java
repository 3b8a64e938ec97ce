package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** Pools are set up so that nobody learns to overlook warnings. */
@ExtendWith(PostgresExtension.class)
class QuietStartTest {
  @Test
  void pools_openWithoutAWarning() {
    ListAppender<ILoggingEvent> seen = new ListAppender<>();
    Logger hikari = (Logger) LoggerFactory.getLogger("com.zaxxer.hikari");
    seen.start();
    hikari.addAppender(seen);
    try (Database database = Database.open(TestPostgres.freshDatabase(), true)) {
      assertThat(database.reachable()).isTrue();
    } finally {
      hikari.detachAppender(seen);
    }
    assertThat(seen.list)
        .filteredOn(it -> it.getLevel().isGreaterOrEqual(Level.WARN))
        .extracting(ILoggingEvent::getFormattedMessage)
        .isEmpty();
  }
}
