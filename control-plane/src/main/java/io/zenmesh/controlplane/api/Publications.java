package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.publish.Publication;
import java.util.List;
import java.util.function.Function;

/** Answers what is stored and was then to be published. */
final class Publications {
  private Publications() {}

  /**
   * @param published what to answer when it went out
   */
  static Answer answer(
      ApiRequest request,
      Publication publication,
      Function<Publication.Published, Object> published) {
    return switch (publication) {
      case Publication.Refused(List<String> findings) -> pending(request, findings);
      case Publication.Failed(String reason) -> pending(request, List.of(reason));
      case Publication.Published done -> Answer.json(200, published.apply(done));
    };
  }

  private static Answer pending(ApiRequest request, List<String> problems) {
    return Answer.problem(Problem.Kind.PUBLICATION_PENDING, problems, request.correlation());
  }
}
