package io.zenmesh.extproc.pipeline;

import io.zenmesh.extproc.pipeline.State.AwaitingGuard;
import io.zenmesh.extproc.pipeline.State.OwingOutcome;
import io.zenmesh.extproc.policy.PreparedEndpoint;
import io.zenmesh.extproc.policy.PreparedPolicies;
import io.zenmesh.extproc.replay.ClaimResult;
import io.zenmesh.extproc.replay.ClaimResult.Claimed;
import io.zenmesh.extproc.replay.ClaimResult.Denied;
import io.zenmesh.extproc.replay.ReplayKey;
import io.zenmesh.extproc.replay.ReplayMessage;
import io.zenmesh.extproc.signature.Reason;
import io.zenmesh.extproc.signature.ReplayRule;
import io.zenmesh.extproc.signature.ReplaySubject;
import io.zenmesh.extproc.signature.Verdict;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The single decisions of the pipeline, each a function of values. Thread-safe. */
final class Admission {
  private static final List<String> PSEUDO_HEADERS = List.of(":method", ":authority", ":path");
  private static final int LONGEST_LENGTH = 18;

  private final Supplier<Optional<PreparedPolicies>> policies;
  private final InstantSource clock;
  private final EventIds eventIds;

  Admission(Supplier<Optional<PreparedPolicies>> policies, InstantSource clock) {
    this.policies = policies;
    this.clock = clock;
    this.eventIds = new EventIds(clock);
  }

  /** What the head alone decides. */
  sealed interface HeadDecision {}

  /**
   * The request may go on to be verified.
   *
   * @param bodyBytes how large its body may be, by what it announces
   */
  record Admitted(PreparedEndpoint endpoint, long bodyBytes) implements HeadDecision {}

  /** The request may not. */
  record Refused(Reason reason, Optional<PreparedEndpoint> endpoint) implements HeadDecision {}

  HeadDecision head(RequestHead head) {
    for (String name : PSEUDO_HEADERS) {
      if (head.header(name).size() > 1) {
        return new Refused(Reason.HEADER_DUPLICATED, Optional.empty());
      }
    }
    Optional<PreparedPolicies> current = policies.get();
    if (current.isEmpty()) {
      return new Refused(Reason.POLICY_NOT_LOADED, Optional.empty());
    }
    Optional<PreparedEndpoint> endpoint = head.routeName().flatMap(current.get()::find);
    if (endpoint.isEmpty()) {
      return new Refused(Reason.ENDPOINT_UNKNOWN, Optional.empty());
    }
    if (!head.client().satisfies(endpoint.get().policy().client())) {
      return new Refused(Reason.CLIENT_CERTIFICATE_REQUIRED, endpoint);
    }
    Optional<Reason> tooMuch = announced(head, endpoint.get().policy().maxBodyBytes());
    if (tooMuch.isPresent()) {
      return new Refused(tooMuch.get(), endpoint);
    }
    if (!endpoint.get().hasKeys()) {
      return new Refused(Reason.KEY_UNAVAILABLE, endpoint);
    }
    List<String> length = head.header("content-length");
    return new Admitted(
        endpoint.get(),
        length.isEmpty()
            ? endpoint.get().policy().maxBodyBytes()
            : Long.parseLong(length.getFirst()));
  }

  private static Optional<Reason> announced(RequestHead head, int limit) {
    List<String> lengths = head.header("content-length");
    if (lengths.isEmpty()) {
      return Optional.empty();
    }
    if (lengths.size() > 1) {
      return Optional.of(Reason.HEADER_DUPLICATED);
    }
    String length = lengths.getFirst();
    if (length.isEmpty()
        || length.length() > LONGEST_LENGTH
        || !length.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.of(Reason.BODY_MALFORMED);
    }
    return Long.parseLong(length) > limit ? Optional.of(Reason.BODY_TOO_LARGE) : Optional.empty();
  }

  /** Verifies a whole request and says what the replay guard must be asked. */
  Transition verify(PreparedEndpoint endpoint, RequestHead head, ByteBuffer body, Phase phase) {
    if (body.remaining() > endpoint.policy().maxBodyBytes()) {
      return Pipeline.refuse(Reason.BODY_TOO_LARGE, Optional.of(endpoint));
    }
    return switch (endpoint.verifier().verify(new HeadAndBody(head, body), clock.instant())) {
      case Verdict.Refused(Reason reason) -> Pipeline.refuse(reason, Optional.of(endpoint));
      case Verdict.Verified verified -> verified(endpoint, verified, phase);
    };
  }

  private Transition verified(PreparedEndpoint endpoint, Verdict.Verified verified, Phase phase) {
    ReplaySubject subject = verified.replaySubject();
    Acceptance acceptance = new Acceptance(endpoint, eventId(verified, subject));
    if (subject.by() == ReplayRule.By.NONE) {
      return new Transition(State.Plain.LET_ON, new Effect.LetOn(acceptance, phase));
    }
    ReplayMessage message =
        new ReplayMessage(
            ReplayKey.of(
                endpoint.ref().tenant().value(),
                endpoint.ref().endpoint().value(),
                subject.by().name(),
                subject.value()),
            verified.timestamp(),
            endpoint.replay().window(),
            endpoint.policy().onStoreLoss());
    return new Transition(
        new AwaitingGuard(acceptance, phase),
        endpoint.replay().onePhase()
            ? new Effect.ClaimOnce(message)
            : new Effect.ClaimForOutcome(message));
  }

  /** An id that nobody signed could be anything: then we make one. */
  private String eventId(Verdict.Verified verified, ReplaySubject subject) {
    return subject.by() == ReplayRule.By.SIGNED_ID
        ? verified.eventId().orElseGet(eventIds::next)
        : eventIds.next();
  }

  static Transition claimed(Acceptance acceptance, Phase phase, ClaimResult result) {
    PreparedEndpoint endpoint = acceptance.endpoint();
    return switch (result) {
      case Claimed(var claim) ->
          new Transition(new OwingOutcome(endpoint, claim), new Effect.LetOn(acceptance, phase));
      case Denied denied ->
          switch (denied) {
            case IN_FLIGHT -> Pipeline.refuse(Reason.IN_FLIGHT, Optional.of(endpoint));
            case UNAVAILABLE -> Pipeline.refuse(Reason.STORE_UNAVAILABLE, Optional.of(endpoint));
            case COMMITTED ->
                switch (endpoint.policy().onDuplicate()) {
                  case REFUSE -> Pipeline.refuse(Reason.REPLAYED, Optional.of(endpoint));
                  case ACKNOWLEDGE -> Transition.end(new Effect.Acknowledge(endpoint));
                };
          };
    };
  }
}
