package io.zenmesh.extproc.server;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.zenmesh.extproc.pipeline.Effect;
import io.zenmesh.extproc.pipeline.Event;
import io.zenmesh.extproc.pipeline.State;
import io.zenmesh.extproc.pipeline.Transition;
import io.zenmesh.extproc.policy.PreparedEndpoint;
import io.zenmesh.extproc.replay.OnceResult;
import io.zenmesh.extproc.replay.ReplayMessage;
import io.zenmesh.extproc.signature.Challenge;
import io.zenmesh.extproc.signature.Reason;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Envoy's ext_authz: the same decision as ext_proc's, from one question with the whole body.
 *
 * <p>There is no response phase, so the outcome is never known. A message is remembered once and
 * for all, also where its scheme would wait for the upstream's answer: after an upstream's failure
 * the sender's next attempt is refused as a replay.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A question is refused that does not show the request as it was sent: joined headers, a body
 * cut or left out, an upgrade. Every answer has a status. Thread-safe.
 */
final class AuthorizationService extends AuthorizationGrpc.AuthorizationImplBase {
  private static final Logger log = LoggerFactory.getLogger(AuthorizationService.class);
  private static final int FRAMES_LOGGED = 8;

  private final ProcessorService processor;
  private final AtomicInteger questions = new AtomicInteger();

  AuthorizationService(ProcessorService processor) {
    this.processor = processor;
  }

  @Override
  public void check(CheckRequest request, StreamObserver<CheckResponse> envoy) {
    // With a handler set, answers that cross a reset are dropped instead of throwing.
    ((ServerCallStreamObserver<CheckResponse>) envoy).setOnCancelHandler(() -> {});
    Question question = new Question(CheckHead.of(request), envoy);
    if (questions.incrementAndGet() > ProcessorService.MAX_STREAMS) {
      question.fail(Status.RESOURCE_EXHAUSTED.withDescription("questions"));
      return;
    }
    question.run(() -> question.ask(request.getAttributes().getRequest().getHttp()));
  }

  /** One request. */
  private final class Question {
    private final CheckHead head;
    private final StreamObserver<CheckResponse> envoy;
    private final String correlation;
    private State state = State.Plain.START;
    private Optional<BodyBudget.Ticket> room = Optional.empty();
    private boolean answered;

    Question(CheckHead head, StreamObserver<CheckResponse> envoy) {
      this.head = head;
      this.envoy = envoy;
      this.correlation = Receipts.correlation(head);
    }

    synchronized void run(Runnable step) {
      try {
        step.run();
      } catch (RuntimeException | Error e) {
        // No message: it might hold what a sender wrote.
        log.error(
            "request failed: {} at {}",
            e.getClass().getName(),
            Arrays.stream(e.getStackTrace()).limit(FRAMES_LOGGED).toList());
        fail(Status.INTERNAL.withDescription("internal error"));
      }
    }

    private void ask(AttributeContext.HttpRequest http) {
      ByteString body = http.getRawBody();
      if (!head.isRaw() || !http.getBodyBytes().isEmpty()) {
        fail(Status.FAILED_PRECONDITION.withDescription("raw headers and body needed"));
        return;
      }
      if (head.isUpgrade() || !head.isWhole(body.size())) {
        refuse(Reason.BODY_MALFORMED, Optional.empty());
        return;
      }
      take(new Event.HeadArrived(head, body.isEmpty()));
      if (state instanceof State.AwaitingBody) {
        take(new Event.BodyArrived(body.asReadOnlyByteBuffer(), true));
      }
    }

    private void take(Event event) {
      Transition transition = processor.pipeline().step(state, event);
      state = transition.next();
      if (!(state instanceof State.AwaitingBody)) {
        giveRoomBack();
      }
      act(transition.effect());
    }

    private void giveRoomBack() {
      room.ifPresent(BodyBudget.Ticket::close);
      room = Optional.empty();
    }

    private void act(Effect effect) {
      switch (effect) {
        case Effect.AskForBody(var endpoint, var bytes) -> {
          // The body is here already: to wait would make it no smaller.
          BodyBudget.Ticket ticket =
              processor.bodies().ask(endpoint.ref().tenant(), bytes, () -> {});
          room = Optional.of(ticket);
          if (ticket.standing() != BodyBudget.Standing.HELD) {
            take(Event.Signal.NO_ROOM);
          }
        }
        case Effect.ClaimOnce(var message) -> claim(message);
        case Effect.ClaimForOutcome(var message) -> claim(message);
        case Effect.LetOn(var acceptance, var phase) -> {
          if (!processor.receipts().accepted(acceptance, correlation)) {
            fail(Status.UNAVAILABLE.withDescription("no receipt can be kept"));
            return;
          }
          processor.observer().letOn(acceptance.endpoint());
          answer(CheckAnswers.letOn(processor.answers().letOnMessage(acceptance, phase), head));
        }
        case Effect.LetOnInDryRun dryRun -> {
          // No gate of this door admits one: it would be a 403 without a word on why.
          processor.observer().aborted();
          answer(CheckAnswers.FORBIDDEN);
        }
        case Effect.AnswerChallenge(var endpoint, var answer) -> {
          processor.observer().challengeAnswered(endpoint);
          processor.receipts().answered(endpoint, correlation);
          answer(CheckAnswers.denied(Answers.challenge(answer).getImmediateResponse()));
        }
        case Effect.ConfirmSubscription(var endpoint, var question) -> {
          processor.confirm(endpoint, question.url());
          processor.receipts().answered(endpoint, correlation);
          answer(CheckAnswers.denied(Answers.TOLD.getImmediateResponse()));
        }
        case Effect.StoreSecret(var endpoint, var taken) -> store(endpoint, taken);
        case Effect.Refuse(var reason, var endpoint) -> refuse(reason, endpoint);
        case Effect.Acknowledge(var endpoint) -> {
          processor.observer().acknowledged(endpoint);
          processor.receipts().acknowledged(endpoint, correlation);
          answer(CheckAnswers.denied(Answers.ACKNOWLEDGED.getImmediateResponse()));
        }
        case Effect.Abort(var what) -> fail(Status.FAILED_PRECONDITION.withDescription(what));
        case Effect.Commit commit -> fail(Status.INTERNAL.withDescription("no response phase"));
        case Effect.Release release -> fail(Status.INTERNAL.withDescription("no response phase"));
        case Effect.Plain plain -> {}
      }
    }

    private void claim(ReplayMessage message) {
      var unused =
          processor
              .guard()
              .claimOnce(message)
              .whenComplete((result, error) ->
                  run(() ->
                      take(
                          new Event.OnceAnswered(
                              error == null ? result : OnceResult.UNAVAILABLE))));
    }

    private void store(PreparedEndpoint endpoint, Challenge.TakeSecret taken) {
      var unused =
          processor
              .challenges()
              .secrets()
              .take(endpoint.ref(), taken.secret())
              .whenComplete((stored, error) -> {
                taken.secret().close();
                run(() -> take(new Event.SecretStored(error == null && stored)));
              });
    }

    private void refuse(Reason reason, Optional<PreparedEndpoint> of) {
      state = State.Plain.ENDED;
      processor.observer().refused(reason, of);
      processor.refusals().refused(reason, of, correlation);
      processor.receipts().refused(reason, of, correlation);
      answer(CheckAnswers.denied(Problem.message(reason, correlation).getImmediateResponse()));
    }

    private void answer(CheckResponse response) {
      if (end()) {
        envoy.onNext(response);
        envoy.onCompleted();
      }
    }

    private void fail(Status status) {
      if (end()) {
        processor.observer().aborted();
        envoy.onError(status.asRuntimeException());
      }
    }

    private boolean end() {
      if (answered) {
        return false;
      }
      answered = true;
      state = State.Plain.ENDED;
      questions.decrementAndGet();
      giveRoomBack();
      return true;
    }
  }
}
