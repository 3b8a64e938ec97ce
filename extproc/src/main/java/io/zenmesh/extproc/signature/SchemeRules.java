package io.zenmesh.extproc.signature;

import io.zenmesh.extproc.signature.ContentTemplate.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What must hold between the parts of a scheme, whoever wrote it. */
final class SchemeRules {
  private static final Duration SKEW = Duration.ofSeconds(60);

  /** Host becomes {@code :authority}; the others are a proxy's claims, and we are the first. */
  private static final Set<String> NEVER_ARRIVING =
      Set.of("host", "client-cert", "client-cert-chain");

  private SchemeRules() {}

  /** The rules a scheme breaks, each as {@code path: value (expected: ...)}. */
  static List<String> broken(Scheme scheme) {
    List<String> problems = new ArrayList<>();
    scheme.signatures().forEach(signature -> signature(scheme, signature, problems));
    scheme.content().ifPresent(content -> content(scheme, content, problems));
    replay(scheme, problems);
    arriving(scheme, problems);
    return problems;
  }

  /** A header that never arrives would make every message a refused one. */
  private static void arriving(Scheme scheme, List<String> problems) {
    for (int i = 0; i < scheme.signatures().size(); i++) {
      String path = i == 0 ? "signature" : "alternatives[" + (i - 1) + "]";
      arriving(path, scheme.signatures().get(i).source(), problems);
    }
    Scheme.Inputs inputs = scheme.inputs();
    inputs.timestamp().ifPresent(it -> arriving("timestamp", it.source(), problems));
    inputs.id().ifPresent(it -> arriving("id", it.source(), problems));
    inputs.nonce().ifPresent(it -> arriving("nonce", it.source(), problems));
    inputs.keyHint().ifPresent(it -> arriving("keyHint", it.source(), problems));
  }

  private static void arriving(String path, ValueSource source, List<String> problems) {
    if (source instanceof ValueSource.Headers(var names)) {
      for (ValueSource.HeaderName name : names) {
        boolean stripped =
            name.lowerCase().startsWith("x-zen-") && !name.lowerCase().equals("x-zen-signature");
        if (stripped || NEVER_ARRIVING.contains(name.lowerCase())) {
          problems.add(
              path
                  + ".header: "
                  + name.shown()
                  + " (expected: a header that Envoy hands on; it takes Host, Client-Cert,"
                  + " Client-Cert-Chain and x-zen- away, save X-Zen-Signature)");
        }
      }
    }
  }

  private static void signature(Scheme scheme, Scheme.Signature signature, List<String> problems) {
    boolean token = signature.algorithm() == SignatureAlgorithm.TOKEN_EQUALS;
    boolean names = signature.form().namesContent();
    if (signature.encoding() == TagEncoding.TEXT && !token) {
      problems.add("signature.encoding: (expected: text for token-equals, and only for it)");
    }
    if (token && signature.encoding() != TagEncoding.TEXT && !isBasic(signature)) {
      problems.add("signature.encoding: (expected: text for token-equals, and only for it)");
    }
    if (token && !scheme.weak()) {
      problems.add("weak: false (expected: true, a token signs nothing)");
    }
    if ((token || names) == scheme.content().isPresent()) {
      problems.add("content: (expected: what is signed, and nothing for token-equals)");
    }
    if (signature.algorithm().isOutdated() && !scheme.weak()) {
      problems.add("weak: false (expected: true, the algorithm is outdated)");
    }
    boolean secret = scheme.content().map(c -> c.has(Field.SECRET)).orElse(false);
    boolean mayHold =
        signature.algorithm().kind() == SignatureAlgorithm.Kind.HASH
            || signature.origin() instanceof KeyOrigin.Certificate;
    boolean mustHold = signature.algorithm().kind() == SignatureAlgorithm.Kind.HASH;
    if (secret && !mayHold || !secret && mustHold) {
      problems.add("content: (expected: {secret} for sha256, and only for it)");
    }
    if (names && !scheme.weak() && !scheme.signsBody()) {
      problems.add("weak: false (expected: true unless body and timestamp are signed)");
    }
  }

  /** A name and a password in base64 (RFC 7617): a token that is not its own text. */
  private static boolean isBasic(Scheme.Signature signature) {
    return signature.encoding() == TagEncoding.BASE64
        && signature.form() instanceof SignatureForm.Plain plain
        && plain.prefix().endsWith(" ");
  }

  private static void content(Scheme scheme, ContentTemplate content, List<String> problems) {
    Scheme.Inputs inputs = scheme.inputs();
    if (!scheme.weak() && (!scheme.signsBody() || inputs.timestamp().isEmpty())) {
      problems.add("weak: false (expected: true unless body and timestamp are signed)");
    }
    boolean later = inputs.timestamp().map(t -> scheme.isReadLater(t.source())).orElse(false);
    sameOrProblem(content, Field.TIMESTAMP, inputs.timestamp().isPresent() && !later, problems);
    sameOrProblem(content, Field.NONCE, inputs.nonce().isPresent(), problems);
    if (content.has(Field.ID) && inputs.id().isEmpty()) {
      problems.add("content: {id} (expected: id, which says where it stands)");
    }
    if (content.has(Field.ID) && inputs.id().flatMap(Scheme.Text::grammar).isEmpty()) {
      problems.add("id.grammar: missing (expected: a grammar, because the id is signed)");
    }
    unambiguous(content, Field.ID, inputs.id(), problems);
    unambiguous(content, Field.NONCE, inputs.nonce(), problems);
  }

  private static void sameOrProblem(
      ContentTemplate content, Field field, boolean declared, List<String> problems) {
    if (content.has(field) != declared) {
      problems.add(
          "content: (expected: {" + field.shown() + "} if, and only if, the scheme reads one)");
    }
  }

  /** A field that may hold the character that ends it lets two messages sign the same bytes. */
  private static void unambiguous(
      ContentTemplate content, Field field, Optional<Scheme.Text> text, List<String> problems) {
    Optional<Character> end = content.terminator(field);
    Optional<TextGrammar> grammar = text.flatMap(Scheme.Text::grammar);
    if (end.isPresent() && grammar.isPresent() && grammar.get().allows(end.get())) {
      problems.add(
          field.shown()
              + ".grammar: "
              + grammar.get()
              + " (expected: without '"
              + end.get()
              + "', which ends it in the content)");
    }
  }

  private static void replay(Scheme scheme, List<String> problems) {
    boolean possible =
        switch (scheme.memory().by()) {
          case NONCE -> scheme.inputs().nonce().isPresent();
          case SIGNED_ID -> scheme.signsId();
          case SIGNED_CONTENT ->
              scheme.content().isPresent() || scheme.signature().form().namesContent();
          case UNSIGNED_ID -> scheme.inputs().id().isPresent() && !scheme.signsId();
          case NONE -> true;
        };
    if (!possible) {
      problems.add("replay.by: (expected: something the scheme has)");
    }
    if (scheme.memory().tolerances() > 0 && scheme.tolerance().isEmpty()) {
      problems.add("replay.window: (expected: a duration, the scheme has no tolerance)");
    }
    Duration longest = scheme.longestTolerance();
    if (scheme.memory().by() != ReplayRule.By.NONE
        && scheme.tolerance().isPresent()
        && scheme.memory().at(longest).window().compareTo(longest.plus(longest).plus(SKEW)) < 0) {
      problems.add("replay.window: (expected: at least 2 tolerances and 60s)");
    }
  }
}
