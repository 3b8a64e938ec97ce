package io.zenmesh.extproc.server;

import io.zenmesh.extproc.policy.PreparedEndpoint;
import io.zenmesh.extproc.signature.Reason;
import java.util.Optional;

/** Hears the outcome of each request. Called on event loops: must not block. */
public interface TrafficObserver {
  /** Ignores everything. */
  TrafficObserver NONE = new TrafficObserver() {};

  /** Let on to the upstream. */
  default void letOn(PreparedEndpoint endpoint) {}

  /**
   * Refused.
   *
   * @param endpoint whose, where known
   */
  default void refused(Reason reason, Optional<PreparedEndpoint> endpoint) {}

  /**
   * Let on to the upstream in dry run.
   *
   * @param reason what it would have been refused for; empty when it is verified
   */
  default void letOnInDryRun(PreparedEndpoint endpoint, Optional<Reason> reason) {}

  /** A provider's question was answered. */
  default void challengeAnswered(PreparedEndpoint endpoint) {}

  /**
   * A provider asked to have a subscription confirmed.
   *
   * @param byItself whether the endpoint confirms without asking the operator
   */
  default void subscriptionAsked(PreparedEndpoint endpoint, boolean byItself) {}

  /** Answered 200 as a duplicate. */
  default void acknowledged(PreparedEndpoint endpoint) {}

  /**
   * The outcome of a claim was written.
   *
   * @param committed whether it was a commit, not a release
   * @param confirmed whether the store confirmed it
   */
  default void settled(boolean committed, boolean confirmed) {}

  /**
   * The stream of a claimed message ended without its outcome: the claim will expire by itself. If
   * that happens to most messages of an endpoint, its route does not send responses.
   */
  default void outcomeUnknown(PreparedEndpoint endpoint) {}

  /** A stream was ended with an error: Envoy broke the protocol, or we failed. */
  default void aborted() {}
}
