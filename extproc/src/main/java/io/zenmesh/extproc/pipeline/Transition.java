package io.zenmesh.extproc.pipeline;

/**
 * One step of a request.
 *
 * @param next where it stands now
 * @param effect the one thing to do
 */
public record Transition(State next, Effect effect) {
  static Transition end(Effect effect) {
    return new Transition(State.Plain.ENDED, effect);
  }
}
