package io.zenmesh.extproc.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.extproc.keys.FetchObserver.Kind;
import io.zenmesh.extproc.keys.FetchProblem;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeyFetchMetricsTest {
  @Test
  void fetches_areCountedByKindAndOutcome_andByNothingElse() {
    ProcessorMetrics metrics = new ProcessorMetrics(Optional::empty);
    metrics.fetched(Kind.KEY_SET, Optional.empty());
    metrics.fetched(Kind.KEY_SET, Optional.empty());
    metrics.fetched(Kind.CERTIFICATE, Optional.of(FetchProblem.ADDRESS_DENIED));
    metrics.crowdedOut(Kind.CONFIRMATION);
    assertThat(metrics.scrape().lines().filter(line -> line.startsWith("zen_key_fetches")))
        .containsExactlyInAnyOrder(
            "zen_key_fetches_total{kind=\"key_set\",outcome=\"fetched\"} 2.0",
            "zen_key_fetches_total{kind=\"certificate\",outcome=\"address_denied\"} 1.0",
            "zen_key_fetches_total{kind=\"confirmation\",outcome=\"crowded_out\"} 1.0");
  }
}
