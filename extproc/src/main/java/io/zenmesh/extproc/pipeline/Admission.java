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
import io.zenmesh.extproc.signature.Challenge;
import io.zenmesh.extproc.signature.Reason;
import io.zenmesh.extproc.signature.ReplayRule;
import io.zenmesh.extproc.signature.ReplaySubject;
import io.zenmesh.extproc.signature.Verdict;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointPolicy.OnReceiptLoss;
import io.zenmesh.xds.resource.Limits;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The single decisions of the pipeline, each a function of values. Thread-safe. */
final class Admission {
  private static final List<String> PSEUDO_HEADERS = List.of(":method", ":authority", ":path");
  private static final int LONGEST_LENGTH = 18;

  private final Supplier<Optional<PreparedPolicies>> policies;
  private final BooleanSupplier receiptRoom;
  private final InstantSource clock;
  private final EventIds eventIds;

  Admission(
      Supplier<Optional<PreparedPolicies>> policies,
      BooleanSupplier receiptRoom,
      InstantSource clock) {
    this.policies = policies;
    this.receiptRoom = receiptRoom;
    this.clock = clock;
    this.eventIds = new EventIds(clock);
  }

  /** What the head alone decides. */
  sealed interface HeadDecision {}

  /**
   * The request may go on to be verified.
   *
   * @param bodyBytes how large its body may be, by what it announces
   * @param known what it would be refused for whatever its body, were it not in dry run
   */
  record Admitted(PreparedEndpoint endpoint, long bodyBytes, Optional<Reason> known)
      implements HeadDecision {}

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
    EndpointPolicy policy = endpoint.get().policy();
    // In dry run too: Envoy asks for the certificate whatever the policy says of signatures.
    if (!head.client().satisfies(policy.client())) {
      return new Refused(Reason.CLIENT_CERTIFICATE_REQUIRED, endpoint);
    }
    // In dry run too: the verdict's headers need the room as well.
    if (head.fieldCount() > Limits.VERIFIABLE_HEADERS_COUNT
        || head.fieldBytes() > Limits.VERIFIABLE_HEADERS_BYTES) {
      return new Refused(Reason.HEADERS_TOO_LARGE, endpoint);
    }
    Optional<Reason> known =
        announced(head, policy.maxBodyBytes())
            .or(() -> withoutKeys(endpoint.get()))
            .or(() -> withoutReceipt(policy));
    if (known.isPresent() && policy.enforce()) {
      return new Refused(known.get(), endpoint);
    }
    long most = policy.enforce() ? policy.maxBodyBytes() : Limits.INGRESS_BUFFER_BYTES;
    return new Admitted(endpoint.get(), length(head).orElse(most), known);
  }

  private static Optional<Reason> withoutKeys(PreparedEndpoint endpoint) {
    // What is asked before anything is verified may need none, or bring one.
    return endpoint.hasKeys() || endpoint.challenges().asksUnsigned()
        ? Optional.empty()
        : Optional.of(Reason.KEY_UNAVAILABLE);
  }

  /** Before anything is claimed: what is let in now will find room. */
  private Optional<Reason> withoutReceipt(EndpointPolicy policy) {
    return policy.onReceiptLoss() == OnReceiptLoss.REFUSE && !receiptRoom.getAsBoolean()
        ? Optional.of(Reason.RECEIPT_UNAVAILABLE)
        : Optional.empty();
  }

  /** What one sound header announces, at most what Envoy would buffer. */
  private static Optional<Long> length(RequestHead head) {
    List<String> lengths = head.header("content-length");
    boolean sound = lengths.size() == 1 && isLength(lengths.getFirst());
    return sound
        ? Optional.of(Math.min(Long.parseLong(lengths.getFirst()), Limits.INGRESS_BUFFER_BYTES))
        : Optional.empty();
  }

  private static boolean isLength(String text) {
    return !text.isEmpty()
        && text.length() <= LONGEST_LENGTH
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
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
    if (!isLength(length)) {
      return Optional.of(Reason.BODY_MALFORMED);
    }
    return Long.parseLong(length) > limit ? Optional.of(Reason.BODY_TOO_LARGE) : Optional.empty();
  }

  /** Verifies a whole request, and says what it is answered or the replay guard must be asked. */
  Transition verify(Admitted admitted, RequestHead head, ByteBuffer body, Phase phase) {
    PreparedEndpoint endpoint = admitted.endpoint();
    if (admitted.known().isPresent()) {
      return refused(endpoint, admitted.known().get(), phase);
    }
    if (body.remaining() > endpoint.policy().maxBodyBytes()) {
      return refused(endpoint, Reason.BODY_TOO_LARGE, phase);
    }
    HeadAndBody request = new HeadAndBody(head, body);
    Challenge asked = Questions.unsigned(endpoint, request, clock.instant());
    if (!(asked instanceof Challenge.None)) {
      return answered(endpoint, asked, phase);
    }
    return switch (endpoint.verifier().verify(request, clock.instant())) {
      case Verdict.Refused(Reason reason) -> refused(endpoint, reason, phase);
      case Verdict.Verified verified -> {
        Challenge signed = Questions.signed(endpoint, request, verified, clock.instant());
        yield signed instanceof Challenge.None
            ? verified(endpoint, verified, phase)
            : answered(endpoint, signed, phase);
      }
    };
  }

  /** Whatever the answer, and in dry run too, nothing of a question goes on: no replay claim. */
  private Transition answered(PreparedEndpoint endpoint, Challenge asked, Phase phase) {
    return switch (asked) {
      case Challenge.None none -> throw new IllegalArgumentException("no question");
      case Challenge.Answer answer -> Transition.end(new Effect.AnswerChallenge(endpoint, answer));
      case Challenge.AskOperator question ->
          Transition.end(new Effect.ConfirmSubscription(endpoint, question));
      case Challenge.Refused(Reason reason) -> Pipeline.refuse(reason, Optional.of(endpoint));
      case Challenge.TakeSecret taken ->
          new Transition(
              new State.AwaitingSecret(endpoint, taken, phase),
              new Effect.StoreSecret(endpoint, taken));
    };
  }

  /** The answer to a handshake once its secret is stored, or is not. */
  Transition secretStored(State.AwaitingSecret awaiting, boolean stored) {
    return stored
        ? Transition.end(new Effect.AnswerChallenge(awaiting.endpoint(), awaiting.taken().answer()))
        : Pipeline.refuse(Reason.KEY_UNAVAILABLE, Optional.of(awaiting.endpoint()));
  }

  /** In dry run the request goes on all the same; what protects this process still refuses. */
  private Transition refused(PreparedEndpoint endpoint, Reason reason, Phase phase) {
    return endpoint.policy().enforce() || reason == Reason.RATE_LIMITED
        ? Pipeline.refuse(reason, Optional.of(endpoint))
        : inDryRun(endpoint, Optional.of(reason), eventIds.next(), phase);
  }

  private static Transition inDryRun(
      PreparedEndpoint endpoint, Optional<Reason> reason, String eventId, Phase phase) {
    return new Transition(
        State.Plain.LET_ON, new Effect.LetOnInDryRun(endpoint, reason, eventId, phase));
  }

  private Transition verified(PreparedEndpoint endpoint, Verdict.Verified verified, Phase phase) {
    ReplaySubject subject = verified.replaySubject();
    if (!endpoint.policy().enforce()) {
      return inDryRun(endpoint, Optional.empty(), eventId(verified, subject), phase);
    }
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
