package io.zenmesh.e2e.failclosed;

import java.util.Set;

/** What a processor may do wrong, and the statuses by which Envoy must answer it. */
enum Misbehaviour {
  CLEAN_CLOSE_ON_HEADERS(403),
  CLEAN_CLOSE_ON_BODY(403),
  CONTINUE_THEN_CLEAN_CLOSE(403),
  CONTINUE_TO_EVERYTHING(403),
  TAGS_WITHOUT_PROOF(403),
  VERIFIED_AS_TEXT(403),
  VERIFIED_IN_ANOTHER_NAMESPACE(403),
  DRY_RUN_ONLY(403),
  DRY_RUN_AS_OUR_OWN(403),
  ERROR_CLOSE_ON_HEADERS(500),
  ERROR_CLOSE_ON_BODY(500),
  WRONG_MESSAGE_TYPE_ON_HEADERS(500),
  WRONG_MESSAGE_TYPE_ON_BODY(500),
  RESPONSE_MESSAGE_ON_HEADERS(500),
  FORBIDDEN_HEADER(500),
  TWO_ANSWERS_TO_HEADERS(403, 500),
  CLEAN_CLOSE_AT_ONCE(403, 500),
  SILENCE_ON_HEADERS(504),
  SILENCE_ON_BODY(504);

  private final Set<Integer> statuses;

  Misbehaviour(Integer... statuses) {
    this.statuses = Set.of(statuses);
  }

  Set<Integer> statuses() {
    return statuses;
  }
}
