package io.zenmesh.extproc.keys;

/** A fetch brought nothing. Its text is the problem's code: nothing a server said is in it. */
final class FetchException extends Exception {
  private static final long serialVersionUID = 1L;

  private final FetchProblem problem;

  FetchException(FetchProblem problem) {
    super(problem.code());
    this.problem = problem;
  }

  FetchProblem problem() {
    return problem;
  }
}
