package io.zenmesh.extproc.pipeline;

import io.zenmesh.extproc.pipeline.Event.BodyArrived;
import io.zenmesh.extproc.pipeline.Event.ClaimAnswered;
import io.zenmesh.extproc.pipeline.Event.HeadArrived;
import io.zenmesh.extproc.pipeline.Event.OnceAnswered;
import io.zenmesh.extproc.pipeline.Event.ResponseArrived;
import io.zenmesh.extproc.pipeline.Event.SecretStored;
import io.zenmesh.extproc.pipeline.Event.Signal;
import io.zenmesh.extproc.pipeline.State.AwaitingBody;
import io.zenmesh.extproc.pipeline.State.AwaitingGuard;
import io.zenmesh.extproc.pipeline.State.AwaitingSecret;
import io.zenmesh.extproc.pipeline.State.OwingOutcome;
import io.zenmesh.extproc.policy.PreparedEndpoint;
import io.zenmesh.extproc.policy.PreparedPolicies;
import io.zenmesh.extproc.replay.Claim;
import io.zenmesh.extproc.replay.ClaimResult.Claimed;
import io.zenmesh.extproc.signature.Reason;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Decides on requests: sanitize, endpoint, limits, signature, replay, verdict, outcome.
 *
 * <p>Holds nothing of a request: {@link #step} maps the state and an event to the next state and
 * one effect. Every pair is defined; what Envoy must not send aborts the stream.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>{@link Effect.LetOn} follows only a verified signature and a guard that let the message pass;
 * {@link Effect.LetOnInDryRun}, which proves nothing, only the policy of an endpoint in dry run. A
 * stream never ends cleanly before a final answer: Envoy would let the request on unverified.
 * Trailers are refused, since no scheme signs them. Thread-safe.
 */
public final class Pipeline {
  private static final ByteBuffer NO_BODY = ByteBuffer.allocate(0).asReadOnlyBuffer();
  private static final int FIRST_SUCCESS = 200;
  private static final int FIRST_CLIENT_ERROR = 400;

  private final Admission admission;

  /**
   * @param policies the set in force at the moment of each request
   * @param receiptRoom whether a receipt of a request that begins now can be kept
   */
  public Pipeline(
      Supplier<Optional<PreparedPolicies>> policies,
      BooleanSupplier receiptRoom,
      InstantSource clock) {
    this.admission = new Admission(policies, receiptRoom, clock);
  }

  /** The next state and what to do. */
  public Transition step(State state, Event event) {
    return switch (event) {
      case HeadArrived(RequestHead head, boolean endOfStream) -> head(state, head, endOfStream);
      case BodyArrived(ByteBuffer bytes, boolean endOfStream) -> body(state, bytes, endOfStream);
      case ResponseArrived(int status) -> response(state, status);
      case OnceAnswered answered -> once(state, answered);
      case ClaimAnswered answered -> claim(state, answered);
      case SecretStored(boolean stored) ->
          state instanceof AwaitingSecret awaiting
              ? admission.secretStored(awaiting, stored)
              : new Transition(state, Effect.Plain.NOTHING);
      case Signal signal -> signal(state, signal);
    };
  }

  private Transition head(State state, RequestHead head, boolean endOfStream) {
    if (state != State.Plain.START) {
      return abort("request headers twice");
    }
    return switch (admission.head(head)) {
      case Admission.Refused(var reason, var endpoint) -> refuse(reason, endpoint);
      case Admission.Admitted admitted ->
          endOfStream
              ? admission.verify(admitted, head, NO_BODY, Phase.HEAD)
              : new Transition(
                  new AwaitingBody(admitted.endpoint(), head, admitted.known()),
                  new Effect.AskForBody(admitted.endpoint(), admitted.bodyBytes()));
    };
  }

  private Transition body(State state, ByteBuffer bytes, boolean endOfStream) {
    if (!(state instanceof AwaitingBody(var endpoint, var head, var known))) {
      return abort("request body not asked for");
    }
    // In BUFFERED mode a body that is not the end is followed by trailers. They are refused in dry
    // run too: their headers come after everything that could be tagged.
    return endOfStream
        ? admission.verify(
            new Admission.Admitted(endpoint, bytes.remaining(), known), head, bytes, Phase.BODY)
        : refuse(Reason.BODY_MALFORMED, Optional.of(endpoint));
  }

  private static Transition response(State state, int status) {
    return switch (state) {
      case OwingOutcome(var endpoint, Claim claim) -> {
        if (status < FIRST_SUCCESS) {
          yield Transition.end(Effect.Plain.PASS_RESPONSE);
        }
        yield new Transition(
            State.Plain.SETTLING,
            status < FIRST_CLIENT_ERROR ? new Effect.Commit(claim) : new Effect.Release(claim));
      }
      // Envoy answered by itself, before, while or after we looked at the request.
      case AwaitingBody awaiting -> Transition.end(Effect.Plain.PASS_RESPONSE);
      case AwaitingGuard awaiting -> Transition.end(Effect.Plain.PASS_RESPONSE);
      case AwaitingSecret awaiting -> Transition.end(Effect.Plain.PASS_RESPONSE);
      case State.Plain plain ->
          switch (plain) {
            case START, LET_ON, ENDED -> Transition.end(Effect.Plain.PASS_RESPONSE);
            case SETTLING -> abort("response headers twice");
          };
    };
  }

  private static Transition once(State state, OnceAnswered answered) {
    if (!(state instanceof AwaitingGuard(var acceptance, var phase))) {
      return new Transition(state, Effect.Plain.NOTHING);
    }
    return switch (answered.result()) {
      case FRESH -> new Transition(State.Plain.LET_ON, new Effect.LetOn(acceptance, phase));
      case SEEN -> refuse(Reason.REPLAYED, Optional.of(acceptance.endpoint()));
      case UNAVAILABLE -> refuse(Reason.STORE_UNAVAILABLE, Optional.of(acceptance.endpoint()));
    };
  }

  private static Transition claim(State state, ClaimAnswered answered) {
    if (!(state instanceof AwaitingGuard(var acceptance, var phase))) {
      // The stream ended while the guard was asked: what was never let on did not pass.
      boolean orphan = state == State.Plain.ENDED && answered.result() instanceof Claimed;
      return new Transition(
          state,
          orphan
              ? new Effect.Release(((Claimed) answered.result()).claim())
              : Effect.Plain.NOTHING);
    }
    return Admission.claimed(acceptance, phase, answered.result());
  }

  private static Transition signal(State state, Signal signal) {
    return switch (signal) {
      case NO_ROOM ->
          state instanceof AwaitingBody(var endpoint, var head, var known)
              ? refuse(Reason.RATE_LIMITED, Optional.of(endpoint))
              : new Transition(state, Effect.Plain.NOTHING);
      case TRAILERS_ARRIVED ->
          state instanceof AwaitingBody(var endpoint, var head, var known)
              ? refuse(Reason.BODY_MALFORMED, Optional.of(endpoint))
              : abort("request trailers not expected");
      case STRANGE_MESSAGE -> abort("message not asked for");
      case SETTLED ->
          state == State.Plain.SETTLING
              ? Transition.end(Effect.Plain.PASS_RESPONSE)
              : new Transition(state, Effect.Plain.NOTHING);
      case ENVOY_FINISHED -> finished(state);
    };
  }

  private static Transition finished(State state) {
    return switch (state) {
      case AwaitingBody awaiting -> abort("stream ended before the request body");
      case AwaitingGuard awaiting -> abort("stream ended before the verdict");
      case AwaitingSecret awaiting -> abort("stream ended before the answer");
      case OwingOutcome owing -> Transition.end(Effect.Plain.FINISH);
      case State.Plain plain ->
          switch (plain) {
            case START -> abort("stream ended before the request headers");
            case LET_ON, SETTLING, ENDED -> Transition.end(Effect.Plain.FINISH);
          };
    };
  }

  private static Transition abort(String what) {
    return Transition.end(new Effect.Abort(what));
  }

  static Transition refuse(Reason reason, Optional<PreparedEndpoint> endpoint) {
    return Transition.end(new Effect.Refuse(reason, endpoint));
  }
}
