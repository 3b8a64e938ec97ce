package io.zenmesh.controlplane.api;

import java.util.List;
import java.util.Optional;

/**
 * A refusal as {@code application/problem+json} (RFC 9457).
 *
 * @param code stable, in snake case
 * @param problems details fit for the caller; empty when the title says all
 * @param correlationId joins it to the record; absent from {@code not_found}, whose bytes are
 *     always the same
 */
public record Problem(
    String type,
    String title,
    int status,
    String code,
    List<String> problems,
    Optional<String> correlationId) {
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
        "https://zenmesh.io/problems/" + kind.code,
        kind.title,
        kind.status,
        kind.code,
        problems,
        Optional.empty());
  }

  /** The same with the status that the server chose. */
  Problem at(int other) {
    return new Problem(type, title, other, code, problems, correlationId);
  }

  Problem under(String correlation) {
    return code.equals(Kind.NOT_FOUND.code)
        ? this
        : new Problem(type, title, status, code, problems, Optional.of(correlation));
  }

  /** The closed list of refusals. */
  enum Kind {
    BODY_MALFORMED(400, "body_malformed", "The body is not what the contract says"),
    PARAMETER_INVALID(400, "parameter_invalid", "A parameter is not what the contract says"),
    CURSOR_INVALID(400, "cursor_invalid", "The cursor is not one of this list"),
    REQUEST_MALFORMED(400, "request_malformed", "The request is not well-formed"),
    UNAUTHENTICATED(401, "unauthenticated", "A good client certificate or token is required"),
    ROLE_NOT_ALLOWED(403, "role_not_allowed", "Your role does not allow this"),
    NOT_FOUND(404, "not_found", "There is nothing here"),
    METHOD_NOT_ALLOWED(405, "method_not_allowed", "The method is not allowed here"),
    CONFLICT(409, "conflict", "What is there does not allow it; nothing has changed"),
    MANAGED_BY_FILE(
        409, "managed_by_file", "A mesh file is the desired state here; change that file"),
    PRECONDITION_FAILED(
        412, "precondition_failed", "What is there is not what you expected; nothing has changed"),
    BODY_TOO_SLOW(408, "body_too_slow", "The body takes too long"),
    BODY_TOO_LARGE(413, "body_too_large", "The body is larger than the limit"),
    CONTENT_TYPE_UNSUPPORTED(
        415, "content_type_unsupported", "The body is of a type the contract does not name"),
    REPEAT_UNFINISHED(
        409,
        "repeat_unfinished",
        "The first request under this key has not ended, or nobody knows how it did"),
    ANSWER_NOT_KEPT(
        409, "answer_not_kept", "It was done under this key before; its answer is not kept"),
    KEY_REUSED(
        422, "idempotency_key_reused", "Another request came under this key; nothing has changed"),
    RATE_LIMITED(429, "rate_limited", "Too many requests; wait as Retry-After says"),
    MESH_INVALID(422, "mesh_invalid", "The mesh would have problems; nothing has changed"),
    PUBLICATION_PENDING(
        500, "publication_pending", "The mesh is stored, not yet published; it is tried again"),
    AUDIT_UNAVAILABLE(
        503, "audit_unavailable", "The record cannot be written; nothing has been done"),
    STORE_UNAVAILABLE(503, "store_unavailable", "The store does not answer; nothing has changed"),
    CUSTODY_UNAVAILABLE(
        503, "custody_unavailable", "The keys that wrap secrets do not answer; nothing was opened"),
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
