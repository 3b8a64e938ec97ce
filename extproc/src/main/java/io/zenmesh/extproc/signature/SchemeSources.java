package io.zenmesh.extproc.signature;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where a scheme reads values of a request. */
final class SchemeSources {
  private SchemeSources() {}

  /** Every one, signatures first. */
  static List<ValueSource> of(
      List<Scheme.Signature> signatures,
      Scheme.Inputs inputs,
      Scheme.Content content,
      List<ChallengeRule> challenges) {
    Stream<ValueSource> ofSignatures =
        signatures.stream()
            .flatMap(signature ->
                Stream.of(
                        Stream.of(signature.source()),
                        signature.when().map(Condition::source).stream(),
                        signature.secretShown().stream(),
                        signature.form().otherHeaders().stream()
                            .map(header -> new ValueSource.Headers(List.of(header))),
                        signature.origin() instanceof KeyOrigin.Certificate certificate
                            ? Stream.of(certificate.source())
                            : Stream.<ValueSource>empty())
                    .flatMap(all -> all));
    Stream<ValueSource> ofInputs =
        Stream.of(
                inputs.timestamp().map(TimestampRule::source),
                inputs.id().map(Scheme.Text::source),
                inputs.nonce().map(Scheme.Text::source),
                inputs.keyHint().map(Scheme.Text::source),
                content.bodyHash().map(Scheme.BodyHash::source))
            .flatMap(Optional::stream);
    Stream<ValueSource> ofContent =
        content.template().stream()
            .flatMap(template ->
                Stream.concat(
                    template.sources().stream(),
                    template.has(ContentTemplate.Field.FORM_PAIRS)
                        ? Stream.of(Scheme.CONTENT_TYPE)
                        : Stream.empty()));
    Stream<ValueSource> ofLists =
        content.listed().stream().map(header -> new ValueSource.Headers(List.of(header)));
    Stream<ValueSource> ofChallenges = challenges.stream().flatMap(ChallengeRule::bodySources);
    return Stream.of(ofSignatures, ofInputs, ofContent, ofLists, ofChallenges)
        .flatMap(all -> all)
        .toList();
  }
}
