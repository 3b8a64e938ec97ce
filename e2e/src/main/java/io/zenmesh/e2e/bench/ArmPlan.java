package io.zenmesh.e2e.bench;

import io.zenmesh.e2e.harness.DemoEndpoint;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What one arm of a benchmark does.
 *
 * @param name as the report shows it
 * @param verified whether the processor and the gate are asked; else Envoy only reads the body
 * @param endpoint whose messages are sent
 * @param outcomeNeeded whether the processor sees the answer, as a two-phase scheme needs
 * @param bodyBytes the size of each body
 * @param bodyVaries whether each body is another, as a scheme without a nonce needs
 * @param budgetMicros what the processor may take for a request
 */
record ArmPlan(
    String name,
    boolean verified,
    DemoEndpoint endpoint,
    boolean outcomeNeeded,
    int bodyBytes,
    boolean bodyVaries,
    OptionalDouble budgetMicros) {
  /** What plain Envoy takes for 1 KiB on the machine that the budgets were set on. */
  static final double PLAIN_ENVOY_MICROS = 13.8;

  private static final int SMALL = 1024;
  private static final int LARGE = 64 * 1024;
  private static final DemoEndpoint ZEN = DemoEndpoint.ALL.getFirst();
  private static final DemoEndpoint GITHUB = DemoEndpoint.ALL.get(1);

  /** An HMAC and no replay protection, so that the store is not asked. */
  static final DemoEndpoint HMAC_ONLY =
      DemoEndpoint.of("acme", "dropbox", "dropbox", DemoEndpoint.SecretKind.TEXT);

  /** Envoy alone, then the full pipeline, which issue 1 allows 30 microseconds. */
  static final List<ArmPlan> QUICK = List.of(plain("plain", SMALL), zen("full", SMALL, 30));

  /** What the performance page gives a budget to. */
  static final List<ArmPlan> EDGE =
      List.of(
          plain("plain", SMALL),
          zen("zen", SMALL, 22),
          new ArmPlan("hmac-only", true, HMAC_ONLY, false, SMALL, false, OptionalDouble.of(13)),
          new ArmPlan("github", true, GITHUB, true, SMALL, true, OptionalDouble.of(34)),
          plain("plain-64k", LARGE),
          new ArmPlan("zen-64k", true, ZEN, false, LARGE, false, OptionalDouble.empty()));

  private static ArmPlan plain(String name, int bytes) {
    return new ArmPlan(name, false, ZEN, false, bytes, false, OptionalDouble.empty());
  }

  private static ArmPlan zen(String name, int bytes, double budget) {
    return new ArmPlan(name, true, ZEN, false, bytes, false, OptionalDouble.of(budget));
  }
}
