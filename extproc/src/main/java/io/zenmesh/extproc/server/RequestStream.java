package io.zenmesh.extproc.server;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpBody;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.zenmesh.extproc.pipeline.Effect;
import io.zenmesh.extproc.pipeline.Event;
import io.zenmesh.extproc.pipeline.State;
import io.zenmesh.extproc.pipeline.Transition;
import io.zenmesh.extproc.policy.PreparedEndpoint;
import io.zenmesh.extproc.replay.ClaimResult.Denied;
import io.zenmesh.extproc.replay.OnceResult;
import io.zenmesh.extproc.server.BodyBudget.Standing;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request's stream: turns Envoy's messages into events, and effects into answers.
 *
 * <p>Everything usually runs on one event loop; the lock is for replay answers that come from
 * elsewhere. A response waits for its commit (at most the store's time-out), so that who repeats a
 * message after a 2xx meets a committed one.
 */
final class RequestStream extends ServerCall.Listener<ProcessingRequest> {
  private static final Logger log = LoggerFactory.getLogger(RequestStream.class);
  private static final int FRAMES_LOGGED = 8;
  private static final long LONGEST_WAIT_MS = BodyBudget.LONGEST_WAIT.toMillis();
  private static final Answer ASK_FOR_BODY = Answer.of(Answers.ASK_FOR_BODY);
  private static final Answer PASS_RESPONSE = Answer.of(Answers.PASS_RESPONSE);

  private final ProcessorService service;
  private final ServerCall<ProcessingRequest, Answer> envoy;
  private State state = State.Plain.START;
  private String correlation = "";
  private boolean answered;
  private boolean closed;
  private Optional<BodyBudget.Ticket> room = Optional.empty();
  private Optional<Future<?>> waiting = Optional.empty();

  RequestStream(ProcessorService service, ServerCall<ProcessingRequest, Answer> envoy) {
    this.service = service;
    this.envoy = envoy;
  }

  @Override
  public void onMessage(ProcessingRequest message) {
    advance(message);
    envoy.request(1);
  }

  @Override
  public void onHalfClose() {
    advance(Event.Signal.ENVOY_FINISHED);
  }

  /** The normal end of a request: Envoy resets the stream. A claim still open expires by itself. */
  @Override
  public synchronized void onCancel() {
    service.ended();
    enter(State.Plain.ENDED);
  }

  @Override
  public void onComplete() {
    service.ended();
  }

  private void enter(State next) {
    if (next == State.Plain.ENDED && state instanceof State.OwingOutcome(var endpoint, var claim)) {
      service.observer().outcomeUnknown(endpoint);
    }
    state = next;
    if (!(next instanceof State.AwaitingBody)) {
      stopWaiting();
      room.ifPresent(BodyBudget.Ticket::close);
      room = Optional.empty();
    }
  }

  private Event event(ProcessingRequest message) {
    return switch (message.getRequestCase()) {
      case REQUEST_HEADERS -> {
        WireHead head = WireHead.of(message);
        correlation = Receipts.correlation(head);
        yield new Event.HeadArrived(head, message.getRequestHeaders().getEndOfStream());
      }
      case REQUEST_BODY -> {
        HttpBody body = message.getRequestBody();
        ByteString bytes = body.getBody();
        yield new Event.BodyArrived(bytes.asReadOnlyByteBuffer(), body.getEndOfStream());
      }
      case REQUEST_TRAILERS -> Event.Signal.TRAILERS_ARRIVED;
      case RESPONSE_HEADERS -> new Event.ResponseArrived(WireHead.status(message));
      case RESPONSE_BODY, RESPONSE_TRAILERS, REQUEST_NOT_SET -> Event.Signal.STRANGE_MESSAGE;
    };
  }

  private synchronized void advance(ProcessingRequest message) {
    try {
      take(event(message));
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  private synchronized void advance(Event event) {
    try {
      take(event);
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  private void take(Event event) {
    Transition transition = service.pipeline().step(state, event);
    enter(transition.next());
    run(transition.effect());
  }

  private void run(Effect effect) {
    switch (effect) {
      case Effect.ClaimOnce(var message) -> {
        var unused =
            service
                .guard()
                .claimOnce(message)
                .whenComplete((result, error) ->
                    advance(
                        new Event.OnceAnswered(error == null ? result : OnceResult.UNAVAILABLE)));
      }
      case Effect.ClaimForOutcome(var message) -> {
        var unused =
            service
                .guard()
                .claim(message)
                .whenComplete((result, error) ->
                    advance(new Event.ClaimAnswered(error == null ? result : Denied.UNAVAILABLE)));
      }
      case Effect.AskForBody(var endpoint, var bytes) -> askForBody(endpoint, bytes);
      case Effect.LetOn(var acceptance, var phase) -> {
        if (!service.receipts().accepted(acceptance, correlation)) {
          abort(Status.UNAVAILABLE.withDescription("no receipt can be kept"));
          return;
        }
        service.observer().letOn(acceptance.endpoint());
        send(service.answers().letOn(acceptance, phase));
      }
      case Effect.LetOnInDryRun dryRun -> {
        service.observer().letOnInDryRun(dryRun.endpoint(), dryRun.reason());
        dryRun
            .reason()
            .ifPresent(
                reason -> service.refusals().letOnInDryRun(reason, dryRun.endpoint(), correlation));
        service.receipts().letOnInDryRun(dryRun, correlation);
        send(InDryRun.answer(dryRun));
      }
      case Effect.AnswerChallenge(var endpoint, var answer) -> {
        service.observer().challengeAnswered(endpoint);
        service.receipts().answered(endpoint, correlation);
        send(Answers.challenge(answer));
      }
      case Effect.ConfirmSubscription(var endpoint, var question) -> {
        service.confirm(endpoint, question.url());
        service.receipts().answered(endpoint, correlation);
        send(Answers.TOLD);
      }
      case Effect.StoreSecret(var endpoint, var taken) -> {
        var unused =
            service
                .challenges()
                .secrets()
                .take(endpoint.ref(), taken.secret())
                .whenComplete((stored, error) -> {
                  taken.secret().close();
                  advance(new Event.SecretStored(error == null && stored));
                });
      }
      case Effect.Refuse(var reason, var endpoint) -> {
        service.observer().refused(reason, endpoint);
        service.refusals().refused(reason, endpoint, correlation);
        service.receipts().refused(reason, endpoint, correlation);
        send(Problem.of(reason, correlation));
      }
      case Effect.Acknowledge(var endpoint) -> {
        service.observer().acknowledged(endpoint);
        service.receipts().acknowledged(endpoint, correlation);
        send(Answers.ACKNOWLEDGED);
      }
      case Effect.Commit(var claim) -> settle(true, service.guard().commit(claim));
      case Effect.Release(var claim) -> settle(false, service.guard().release(claim));
      case Effect.Abort(var what) -> abort(Status.FAILED_PRECONDITION.withDescription(what));
      case Effect.Plain plain -> run(plain);
    }
  }

  private void askForBody(PreparedEndpoint endpoint, long bytes) {
    // Not at once: whoever makes room holds its own stream's lock.
    Runnable laterOn = () -> service.timer().execute(this::endWait);
    BodyBudget.Ticket ticket = service.bodies().ask(endpoint.ref().tenant(), bytes, laterOn);
    room = Optional.of(ticket);
    switch (ticket.standing()) {
      case HELD -> send(ASK_FOR_BODY);
      case WAITING ->
          waiting =
              Optional.of(service.timer().schedule(this::endWait, LONGEST_WAIT_MS, MILLISECONDS));
      case OVER -> take(Event.Signal.NO_ROOM);
    }
  }

  /** There is room, or the time is over. */
  private synchronized void endWait() {
    if (waiting.isEmpty()) {
      return;
    }
    stopWaiting();
    try {
      if (room.filter(ticket -> ticket.standing() == Standing.HELD).isPresent()) {
        send(ASK_FOR_BODY);
      } else {
        take(Event.Signal.NO_ROOM);
      }
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  private void stopWaiting() {
    waiting.ifPresent(timeUp -> timeUp.cancel(false));
    waiting = Optional.empty();
  }

  private void run(Effect.Plain effect) {
    switch (effect) {
      case PASS_RESPONSE -> send(PASS_RESPONSE);
      case FINISH -> {
        if (open()) {
          closed = true;
          envoy.close(Status.OK, new Metadata());
        }
      }
      case NOTHING -> {}
    }
  }

  private void settle(boolean commit, java.util.concurrent.CompletionStage<Boolean> written) {
    var unused =
        written.whenComplete((confirmed, error) -> {
          service.observer().settled(commit, error == null && confirmed);
          advance(Event.Signal.SETTLED);
        });
  }

  private void send(ProcessingResponse answer) {
    send(Answer.of(answer));
  }

  private void send(Answer answer) {
    if (open()) {
      beginAnswering();
      envoy.sendMessage(answer);
    }
  }

  private void beginAnswering() {
    if (!answered) {
      answered = true;
      envoy.sendHeaders(new Metadata());
    }
  }

  /** A call that we or Envoy ended takes nothing more, and says so with an exception. */
  private boolean open() {
    return !closed && !envoy.isCancelled();
  }

  /** Never a clean close: on one Envoy would let the request on unverified. */
  private void abort(Status status) {
    enter(State.Plain.ENDED);
    if (open()) {
      closed = true;
      service.observer().aborted();
      envoy.close(status, new Metadata());
    }
  }

  private void fail(Throwable error) {
    // No message: it might hold what a sender wrote.
    log.error(
        "request failed: {} at {}",
        error.getClass().getName(),
        Arrays.stream(error.getStackTrace()).limit(FRAMES_LOGGED).toList());
    abort(Status.INTERNAL.withDescription("internal error"));
  }
}
