package io.zenmesh.controlplane;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.zenmesh.controlplane.audit.Archivist;
import io.zenmesh.controlplane.audit.CheckpointKeeper;
import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.witness.Cosigned;
import io.zenmesh.controlplane.witness.Cosigning;
import java.time.InstantSource;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * What can be measured of this process, for Prometheus. Every tenant may read it: nothing of a
 * tenant is in here, and labels are closed sets. Thread-safe.
 */
final class ControlPlaneMetrics implements Supplier<String> {
  private static final double MILLIS = 1_000;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final InstantSource clock;

  ControlPlaneMetrics(CheckpointKeeper keeper, InstantSource clock) {
    this.clock = clock;
    Gauge.builder(
            "zen_audit_checkpoint_entries",
            () -> keeper.newest().map(it -> SignedCheckpoint.parse(it).size()).orElse(0L))
        .description("Entries that the newest checkpoint covers")
        .register(registry);
    Gauge.builder("zen_audit_fault", () -> keeper.fault().isPresent() ? 1 : 0)
        .description("1 once the record was found not to be what its checkpoint says")
        .register(registry);
  }

  /** Measures what a witness does as well. */
  void witnessed(Cosigning cosigning) {
    Gauge.builder(
            "zen_audit_cosigned_entries", () -> cosigning.newest().map(Cosigned::size).orElse(0L))
        .description("Entries that the newest cosigned checkpoint covers; 0 before the first")
        .register(registry);
    Gauge.builder(
            "zen_audit_cosigned_age_seconds",
            () -> cosigning.newest().map(this::age).orElse(Double.NaN))
        .description("Time since the newest cosigned checkpoint was cosigned; NaN before the first")
        .register(registry);
    for (Cosigning.Outcome outcome : Cosigning.Outcome.values()) {
      FunctionCounter.builder("zen_audit_witness_asked", cosigning, it -> it.asked(outcome))
          .description("Questions to the witness by what became of them")
          .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
  }

  /** Measures what is archived as well. */
  void archived(Archivist archivist) {
    Gauge.builder("zen_audit_archive_failing", archivist::failing)
        .description("Chains whose due entries could not be archived; 1 more when nothing can be")
        .register(registry);
  }

  private double age(Cosigned cosigned) {
    return (clock.millis() - cosigned.time().toEpochMilli()) / MILLIS;
  }

  /** The text that Prometheus reads. */
  @Override
  public String get() {
    return registry.scrape();
  }
}
