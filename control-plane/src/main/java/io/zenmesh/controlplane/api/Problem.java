package io.zenmesh.controlplane.api;

import java.util.List;

/**
 * A refusal as {@code application/problem+json} (RFC 9457).
 *
 * @param code stable, in snake case
 * @param problems details fit for the operator; empty when the title says all
 */
public record Problem(String type, String title, int status, String code, List<String> problems) {
  static final String CONTENT_TYPE = "application/problem+json";

  /** Copies the list. */
  public Problem {
    problems = List.copyOf(problems);
  }

  static Problem of(Kind kind) {
    return of(kind, List.of());
  }

  static Problem of(Kind kind, List<String> problems) {
    return new Problem(
        "https://zenmesh.io/problems/" + kind.code, kind.title, kind.status, kind.code, problems);
  }

  /** The closed list of refusals. */
  enum Kind {
    CLIENT_CERTIFICATE_REQUIRED(
        403, "client_certificate_required", "A client certificate of an operator is required"),
    NOT_FOUND(404, "not_found", "There is nothing here"),
    METHOD_NOT_ALLOWED(405, "method_not_allowed", "The method is not allowed here"),
    BODY_TOO_LARGE(413, "body_too_large", "The body is larger than the limit"),
    BODY_MALFORMED(400, "body_malformed", "The body is not UTF-8 text"),
    MESH_INVALID(422, "mesh_invalid", "The mesh file has problems; nothing has changed"),
    PUBLICATION_PENDING(
        500, "publication_pending", "The mesh is stored, not yet published; it is tried again"),
    STORE_UNAVAILABLE(503, "store_unavailable", "The store does not answer; nothing has changed"),
    INTERNAL(500, "internal", "The request failed");

    private final int status;
    private final String code;
    private final String title;

    Kind(int status, String code, String title) {
      this.status = status;
      this.code = code;
      this.title = title;
    }
  }
}
