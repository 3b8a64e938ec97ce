package io.zenmesh.e2e.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What must come of a scenario.
 *
 * @param answers the answers, in any order, one for each request sent
 * @param arrivals how many of the requests reach the target
 */
public record Expected(List<Answer> answers, int arrivals) {
  /**
   * One answer: any of these pairs.
   *
   * @param anyOf the pairs
   */
  public record Answer(List<Seen> anyOf) {
    public Answer {
      anyOf = List.copyOf(anyOf);
    }

    static Answer of(int status) {
      return new Answer(List.of(new Seen(Optional.of(status), Optional.empty())));
    }

    static Answer of(int status, String code) {
      return new Answer(List.of(new Seen(Optional.of(status), Optional.of(code))));
    }

    Answer or(int status, String code) {
      List<Seen> more = new ArrayList<>(anyOf);
      more.add(new Seen(Optional.of(status), Optional.of(code)));
      return new Answer(more);
    }

    boolean admits(Seen seen) {
      return anyOf.stream()
          .anyMatch(pair ->
              pair.status().equals(seen.status())
                  && (pair.code().isEmpty() || pair.code().equals(seen.code())));
    }

    @Override
    public String toString() {
      return anyOf.stream().map(Seen::toString).collect(Collectors.joining(" or "));
    }
  }

  /**
   * Status and code of an answer.
   *
   * @param status empty when there was no complete answer
   * @param code the problem+json code; in an {@link Answer}, empty stands for any
   */
  public record Seen(Optional<Integer> status, Optional<String> code) {
    static Seen of(Outcome outcome) {
      return new Seen(outcome.status(), outcome.problemCode());
    }

    @Override
    public String toString() {
      String number = status.map(String::valueOf).orElse("no answer");
      return code.map(text -> number + " " + text).orElse(number);
    }
  }

  public Expected {
    answers = List.copyOf(answers);
  }

  /** Accepted with 200, and at the target once. */
  static Expected accepted() {
    return new Expected(List.of(Answer.of(200)), 1);
  }

  /** Refused with this status and code, and never at the target. */
  static Expected refused(int status, String code) {
    return new Expected(List.of(Answer.of(status, code)), 0);
  }

  /** Refused with this status, whoever refused it. */
  static Expected refused(int status) {
    return new Expected(List.of(Answer.of(status)), 0);
  }

  /** One request accepted, each of the others answered so. */
  static Expected oneOf(int copies, Answer others) {
    List<Answer> all = new ArrayList<>();
    all.add(Answer.of(200));
    for (int i = 1; i < copies; i++) {
      all.add(others);
    }
    return new Expected(all, 1);
  }

  /** Whether these answers are the expected ones, each expected one used once. */
  boolean admits(List<Seen> seen) {
    return seen.size() == answers.size() && admits(new ArrayList<>(answers), seen, 0);
  }

  private static boolean admits(List<Answer> open, List<Seen> seen, int next) {
    if (next == seen.size()) {
      return true;
    }
    for (int i = 0; i < open.size(); i++) {
      if (open.get(i).admits(seen.get(next))) {
        Answer taken = open.remove(i);
        if (admits(open, seen, next + 1)) {
          return true;
        }
        open.add(i, taken);
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return counted(answers.stream().map(Answer::toString).toList());
  }

  /** Says several equal texts once: {@code 200 + 3 x 409 replayed}. */
  static String counted(List<String> texts) {
    List<String> distinct = texts.stream().distinct().toList();
    return distinct.stream()
        .map(text -> {
          long times = texts.stream().filter(text::equals).count();
          return times == 1 ? text : times + " x " + text;
        })
        .collect(Collectors.joining(" + "));
  }
}
