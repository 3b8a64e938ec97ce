package io.zenmesh.e2e.check;

import io.zenmesh.e2e.check.Draft.Content;
import io.zenmesh.e2e.check.Expected.Answer;
import io.zenmesh.e2e.check.Scenario.Repeat;
import io.zenmesh.e2e.check.WireRequest.Framing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The scenarios of the check, in the order of the table. */
public final class Scenarios {
  private static final Set<Protocol> BOTH = EnumSet.allOf(Protocol.class);
  private static final Duration BEYOND_TOLERANCE = Duration.ofSeconds(330);
  private static final String INVALID = "signature_invalid";

  /** The header that carries each endpoint's signature. */
  private static final Map<String, String> SIGNATURE_HEADER =
      Map.of(
          "acme/zen", "x-zen-signature",
          "globex/zen", "x-zen-signature",
          "acme/github", "x-hub-signature-256",
          "globex/github", "x-hub-signature-256",
          "acme/gitlab", "x-gitlab-token",
          "acme/stripe", "stripe-signature",
          "acme/standard", "webhook-signature");

  private static final List<String> FIVE =
      List.of("acme/zen", "acme/github", "acme/gitlab", "acme/stripe", "acme/standard");

  private Scenarios() {}

  /** All of them. */
  public static List<Scenario> all() {
    List<Scenario> all = new ArrayList<>();
    all.addAll(correct());
    all.addAll(forged());
    all.addAll(stale());
    all.addAll(replayed());
    all.addAll(foreign());
    all.addAll(shapes());
    return List.copyOf(all);
  }

  private static List<Scenario> correct() {
    List<Scenario> all = new ArrayList<>();
    for (String endpoint : FIVE) {
      all.add(once("correct, " + endpoint, Draft.correct(endpoint), Expected.accepted()));
    }
    all.add(once("correct, globex/zen", Draft.correct("globex/zen"), Expected.accepted()));
    all.add(once("correct, globex/github", Draft.correct("globex/github"), Expected.accepted()));
    return all;
  }

  private static List<Scenario> forged() {
    List<Scenario> all = new ArrayList<>();
    for (String endpoint : List.of("acme/zen", "acme/github", "acme/stripe", "acme/standard")) {
      all.add(
          once(
              "body changed by one byte, " + endpoint,
              Draft.correct(endpoint).then(Draft::oneByteChanged),
              Expected.refused(401, INVALID)));
    }
    for (String endpoint : FIVE) {
      all.add(
          once(
              "no signature, " + endpoint,
              Draft.correct(endpoint).then(request -> request.without(signature(endpoint))),
              Expected.refused(401, INVALID)));
    }
    for (String endpoint : FIVE) {
      all.add(
          once(
              "signature header twice, " + endpoint,
              Draft.correct(endpoint).then(twice(signature(endpoint))),
              Expected.refused(400, "header_duplicated")));
    }
    all.add(
        once(
            "signature malformed, acme/zen",
            Draft.correct("acme/zen")
                .then(request ->
                    request.without("x-zen-signature").plus("X-Zen-Signature", "t=now,n=?,v1=zz")),
            Expected.refused(400, "signature_malformed")));
    return all;
  }

  private static List<Scenario> stale() {
    List<Scenario> all = new ArrayList<>();
    for (String endpoint : List.of("acme/zen", "acme/stripe", "acme/standard")) {
      Draft draft = Draft.correct(endpoint);
      all.add(
          once(
              "timestamp too old, " + endpoint,
              draft.shifted(BEYOND_TOLERANCE.negated()),
              Expected.refused(401, INVALID)));
      all.add(
          once(
              "timestamp too new, " + endpoint,
              draft.shifted(BEYOND_TOLERANCE),
              Expected.refused(401, INVALID)));
    }
    return all;
  }

  private static List<Scenario> replayed() {
    Answer replayed = Answer.of(409, "replayed");
    List<Scenario> all = new ArrayList<>();
    for (String endpoint : List.of("acme/zen", "acme/github", "acme/stripe", "acme/standard")) {
      // A two-phase scheme cannot know yet, while the first of several is still on its way.
      Answer meanwhile = endpoint.equals("acme/zen") ? replayed : replayed.or(503, "in_flight");
      Draft draft = Draft.correct(endpoint);
      all.add(again("same message twice, " + endpoint, draft, Repeat.TWICE, replayed));
      all.add(again("same, on the other node, " + endpoint, draft, Repeat.OTHER_NODE, replayed));
      all.add(again("same, four at once, " + endpoint, draft, Repeat.AT_ONCE, meanwhile));
    }
    all.add(
        again(
            "same, at once on both nodes, acme/zen",
            Draft.correct("acme/zen"),
            Repeat.AT_ONCE_EVERYWHERE,
            replayed));
    return all;
  }

  private static List<Scenario> foreign() {
    return List.of(
        once(
            "acme's secret, globex/zen",
            Draft.correct("globex/zen").withSecretOf("acme/zen"),
            Expected.refused(401, INVALID)),
        once(
            "acme's secret, globex/github",
            Draft.correct("globex/github").withSecretOf("acme/github"),
            Expected.refused(401, INVALID)),
        once(
            "signed as github, acme/zen",
            Draft.correct("acme/zen").signedLike("acme/github"),
            Expected.refused(401, INVALID)));
  }

  private static List<Scenario> shapes() {
    Draft zen = Draft.correct("acme/zen");
    Draft empty = zen.with(Content.EMPTY);
    return List.of(
        once("empty body, signed", empty, Expected.accepted()),
        once(
            "empty body, unsigned",
            empty.then(request -> request.without("x-zen-signature")),
            Expected.refused(401, INVALID)),
        once(
            "body over the limit",
            zen.with(Content.OVERSIZED),
            Expected.refused(413, "body_too_large")),
        new Scenario(
            "headers and trailers, no data",
            EnumSet.of(Protocol.HTTP_2),
            empty.then(request ->
                request
                    .without("x-zen-signature")
                    .framed(Framing.NONE, List.of(new Field("x-check-trailer", "1")))),
            Repeat.ONCE,
            Expected.refused(400, "body_malformed")),
        once(
            "unknown path",
            zen.then(request -> request.to(request.authority(), "/acme/nothing")),
            Expected.refused(404)),
        once(
            "another tenant's path",
            zen.then(request -> request.to(request.authority(), "/globex/zen")),
            Expected.refused(404)),
        once(
            "unknown host",
            zen.then(request -> request.to("hooks.nobody.test", request.path())),
            Expected.refused(404)));
  }

  private static Scenario once(String name, Draft draft, Expected expected) {
    return new Scenario(name, BOTH, draft, Repeat.ONCE, expected);
  }

  private static Scenario again(String name, Draft draft, Repeat repeat, Answer others) {
    return new Scenario(name, BOTH, draft, repeat, Expected.oneOf(repeat.copies(), others));
  }

  private static String signature(String endpoint) {
    String header = SIGNATURE_HEADER.get(endpoint);
    if (header == null) {
      throw new IllegalArgumentException("endpoint: " + endpoint + " (expected: of the demo set)");
    }
    return header;
  }

  private static UnaryOperator<WireRequest> twice(String header) {
    return request -> request.plus(header, Field.values(request.headers(), header).getFirst());
  }
}
