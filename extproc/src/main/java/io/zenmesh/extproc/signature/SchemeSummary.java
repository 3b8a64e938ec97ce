package io.zenmesh.extproc.signature;

import java.util.List;
import java.util.Optional;

/**
 * What a person or a tool needs to know of a scheme to call it rightly. Immutable, thread-safe.
 *
 * @param algorithms as scheme documents write them, the one we sign with first
 * @param sendsSecret whether what is sent is the secret itself, so that no header of it may be
 *     shown
 * @param signsUrl whether the host, the path or the whole URL of a request is, or may be, signed
 * @param idHeader the header that carries the sender's id of an event; empty when it stands
 *     elsewhere
 * @param signsId whether the signature covers the id of an event
 * @param keysElsewhere whether keys are fetched that messages only name
 */
public record SchemeSummary(
    List<String> algorithms,
    boolean sendsSecret,
    boolean signsUrl,
    Optional<String> idHeader,
    boolean signsId,
    boolean keysElsewhere) {
  /** The summary of a scheme. */
  public static SchemeSummary of(Scheme scheme) {
    return new SchemeSummary(
        scheme.signatures().stream().map(own -> own.algorithm().shown()).distinct().toList(),
        scheme.signature().algorithm().kind() == SignatureAlgorithm.Kind.TOKEN,
        signsUrl(scheme),
        idHeader(scheme),
        scheme.signsId(),
        !(scheme.signature().origin() instanceof KeyOrigin.Endpoint));
  }

  private static boolean signsUrl(Scheme scheme) {
    return scheme
        .content()
        .map(template ->
            template.has(ContentTemplate.Field.URL)
                || template.has(ContentTemplate.Field.AUTHORITY)
                || template.has(ContentTemplate.Field.PATH))
        .orElse(
            scheme.signature().form() instanceof MessageSignatureForm
                || scheme.signature().form() instanceof CavageForm);
  }

  private static Optional<String> idHeader(Scheme scheme) {
    return scheme.inputs().id().isPresent()
            && scheme.inputs().id().get().source() instanceof ValueSource.Headers(var names)
        ? Optional.of(names.getFirst().shown())
        : Optional.empty();
  }
}
