package io.zenmesh.extproc.signature;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a sender or an author can write, thrown at each parser of the engine. The classes inside are
 * the entry points of a fuzzer; {@link ParserFuzzTest} calls the same ones with seeds.
 *
 * <p>Invariants: nothing is thrown but the typed refusal; what is read and written again is the
 * same; bytes have one spelling; no message made of noise is verified.
 */
public final class ParserFuzz {
  /** Names of the targets, each a class inside this one. */
  static final List<String> TARGETS =
      List.of(
          "HeaderForms",
          "StructuredFields",
          "Tokens",
          "Forms",
          "JsonValues",
          "Timestamps",
          "Encodings",
          "SchemeYaml",
          "WholeRequests");

  private static final List<Scheme> SCHEMES = List.copyOf(Catalogue.bundled().schemes());
  private static final Instant NOW = Instant.ofEpochSecond(1_764_000_000L);
  private static final JsonMapper JSON = new JsonMapper();

  private ParserFuzz() {}

  static void run(String target, byte[] data) {
    switch (target) {
      case "HeaderForms" -> HeaderForms.fuzzerTestOneInput(data);
      case "StructuredFields" -> StructuredFields.fuzzerTestOneInput(data);
      case "Tokens" -> Tokens.fuzzerTestOneInput(data);
      case "Forms" -> Forms.fuzzerTestOneInput(data);
      case "JsonValues" -> JsonValues.fuzzerTestOneInput(data);
      case "Timestamps" -> Timestamps.fuzzerTestOneInput(data);
      case "Encodings" -> Encodings.fuzzerTestOneInput(data);
      case "SchemeYaml" -> SchemeYaml.fuzzerTestOneInput(data);
      case "WholeRequests" -> WholeRequests.fuzzerTestOneInput(data);
      default -> throw new IllegalArgumentException(target);
    }
  }

  private static String latin1(byte[] data) {
    return new String(data, StandardCharsets.ISO_8859_1);
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  private static <T> T one(byte[] data, List<T> all) {
    return all.get(data.length == 0 ? 0 : (data[0] & 0xff) % all.size());
  }

  private static String rest(byte[] data) {
    return data.length == 0 ? "" : latin1(data).substring(1);
  }

  /** Plain, key-values and versioned lists; the first byte chooses the scheme. */
  public static final class HeaderForms {
    private static final List<Scheme.Signature> ALL =
        SCHEMES.stream()
            .flatMap(scheme -> scheme.signatures().stream())
            .filter(signature ->
                signature.form() instanceof SignatureForm.Plain
                    || signature.form() instanceof SignatureForm.KeyValues
                    || signature.form() instanceof SignatureForm.VersionedList)
            .toList();

    private HeaderForms() {}

    public static void fuzzerTestOneInput(byte[] data) {
      SignatureForm form = one(data, ALL).form();
      String text = rest(data);
      if (text.isEmpty()) {
        return;
      }
      try {
        SignatureForm.Parts parts = form.split(text);
        require(!parts.signatures().isEmpty(), "no signature and no refusal");
        String first = parts.signatures().getFirst();
        SignatureForm.Parts again = form.split(form.join(parts.named(), first));
        require(again.signatures().equals(List.of(first)), "signature written and read again");
        require(again.named().equals(parts.named()), "parts written and read again");
      } catch (Refusal refused) {
        // A value.
      }
    }
  }

  /** RFC 9421, RFC 9530 and the drafts before them; fields are separated by NUL. */
  public static final class StructuredFields {
    private static final List<String> NAMES =
        List.of(
            "signature",
            "signature-input",
            "content-digest",
            "digest",
            "date",
            "authorization",
            "content-type");

    private StructuredFields() {}

    public static void fuzzerTestOneInput(byte[] data) {
      String[] texts = latin1(data).split("\0", NAMES.size());
      TestRequest request = TestRequest.post("{\"hello\": \"world\"}");
      for (int i = 0; i < texts.length; i++) {
        request = texts[i].isEmpty() ? request : request.with(NAMES.get(i), texts[i]);
      }
      for (String name : List.of("rfc9421", "cavage")) {
        Scheme scheme = TestKeys.scheme(name);
        RequestFields fields = new RequestFields(request, scheme, Optional.empty());
        for (Scheme.Signature signature : scheme.signatures()) {
          try {
            Claim claim = new ClaimReader(scheme, signature).read(fields);
            require(claim.content().isPresent(), "a message signature without content");
          } catch (Refusal refused) {
            // A value.
          }
        }
      }
    }
  }

  /** JSON Web Tokens. */
  public static final class Tokens {
    private Tokens() {}

    public static void fuzzerTestOneInput(byte[] data) {
      for (String name : List.of("jwt", "plaid", "fusionauth")) {
        for (Scheme.Signature signature : TestKeys.scheme(name).signatures()) {
          try {
            SignatureForm.Parts parts = signature.form().split(latin1(data));
            require(parts.signatures().size() == 1, "one signature");
            require(parts.content().isPresent(), "a token without content");
          } catch (Refusal refused) {
            // A value.
          }
        }
      }
    }
  }

  /** Form bodies and queries. */
  public static final class Forms {
    private Forms() {}

    public static void fuzzerTestOneInput(byte[] data) {
      try {
        String sorted = FormText.sortedPairs(ByteBuffer.wrap(data));
        require(sorted.length() <= data.length, "decoding never lengthens");
      } catch (Refusal refused) {
        // A value.
      }
      try {
        FormText.parameter(latin1(data), "bodySHA256");
      } catch (Refusal refused) {
        // A value.
      }
    }
  }

  /** JSON bodies, against a parser that reads the whole tree. */
  public static final class JsonValues {
    private static final List<JsonPath> PATHS =
        List.of(JsonPath.parse("a"), JsonPath.parse("a.b"), JsonPath.parse("c.[].d"));

    private JsonValues() {}

    public static void fuzzerTestOneInput(byte[] data) {
      Map<JsonPath, String> found;
      try {
        found = JsonFields.read(ByteBuffer.wrap(data), PATHS);
      } catch (Refusal refused) {
        return;
      }
      JsonNode tree;
      try {
        tree = JSON.readTree(data);
      } catch (JacksonException notForTheOther) {
        return;
      }
      same(found.get(PATHS.get(0)), tree.path("a"));
      same(found.get(PATHS.get(1)), tree.path("a").path("b"));
      JsonNode list = tree.path("c");
      if (list.isArray() && list.size() == 1) {
        same(found.get(PATHS.get(2)), list.get(0).path("d"));
      }
    }

    private static void same(@org.jspecify.annotations.Nullable String ours, JsonNode theirs) {
      if (theirs.isString()) {
        byte[] utf8 = theirs.stringValue().getBytes(StandardCharsets.UTF_8);
        require(latin1(utf8).equals(ours), "another text than the tree has");
      } else if (theirs.isMissingNode() || theirs.isContainer() || theirs.isNull()) {
        require(ours == null, "a value that the tree does not have");
      } else {
        require(ours != null, "no value where the tree has one");
      }
    }
  }

  /** Times in every unit. */
  public static final class Timestamps {
    private Timestamps() {}

    public static void fuzzerTestOneInput(byte[] data) {
      for (TimestampRule.Unit unit : TimestampRule.Unit.values()) {
        try {
          String text = latin1(data);
          long seconds = unit.seconds(text);
          Instant at = Instant.ofEpochSecond(seconds);
          boolean counted =
              unit == TimestampRule.Unit.SECONDS || unit == TimestampRule.Unit.HTTP_DATE;
          if (seconds >= 0 && seconds < 250_000_000_000L) {
            require(unit.seconds(unit.write(at)) == seconds, "written and read again");
            require(!counted || unit.write(at).equals(text), "two spellings of one time");
          }
        } catch (Refusal refused) {
          // A value.
        }
      }
    }
  }

  /** Signatures as text. */
  public static final class Encodings {
    private Encodings() {}

    public static void fuzzerTestOneInput(byte[] data) {
      for (TagEncoding encoding : TagEncoding.values()) {
        require(decoded(encoding, encoding.encode(data), data), "bytes written and read again");
        try {
          String text = latin1(data);
          byte[] bytes = encoding.decode(text, TagEncoding.ANY);
          require(encoding.encode(bytes).equals(text), "two spellings of the same bytes");
        } catch (Refusal refused) {
          // A value.
        }
      }
      StrictDer.isTwoIntegers(data);
      for (KeyDecoding decoding : KeyDecoding.values()) {
        try {
          require(decoding.decode(data.clone()).length > 0, "an empty key");
        } catch (IllegalArgumentException refused) {
          require(
              data.length < 8 || !String.valueOf(refused.getMessage()).contains(latin1(data)),
              "a message with the secret");
        }
      }
    }

    private static boolean decoded(TagEncoding encoding, String text, byte[] data) {
      try {
        return text.isEmpty()
            || java.security.MessageDigest.isEqual(data, encoding.decode(text, TagEncoding.ANY));
      } catch (Refusal refused) {
        return false;
      }
    }
  }

  /** Scheme documents. */
  public static final class SchemeYaml {
    private SchemeYaml() {}

    public static void fuzzerTestOneInput(byte[] data) {
      String yaml = new String(data, StandardCharsets.UTF_8);
      boolean good = true;
      try {
        Scheme scheme = Scheme.parse(yaml);
        require(!scheme.name().isEmpty(), "a scheme without a name");
      } catch (InvalidSchemeException invalid) {
        good = false;
        require(!invalid.problems().isEmpty(), "invalid without a problem");
      }
      boolean errors =
          SchemeLinter.lint(yaml).stream()
              .anyMatch(finding -> finding.severity() == SchemeFinding.Severity.ERROR);
      require(errors != good, "linter and reader differ");
    }
  }

  /** Whole requests to every scheme: the first byte chooses it, NUL separates its headers. */
  public static final class WholeRequests {
    private static final List<SchemeVerifier> VERIFIERS = verifiers();

    private WholeRequests() {}

    private static List<SchemeVerifier> verifiers() {
      List<SchemeVerifier> verifiers = new ArrayList<>();
      for (Scheme scheme : SCHEMES) {
        for (String secret :
            List.of("k".repeat(64), TestKeys.WHSEC, TestKeys.ZEN, "aa".repeat(32))) {
          try {
            verifiers.add(TestKeys.verifier(scheme.name(), secret));
            break;
          } catch (IllegalArgumentException ofAnotherForm) {
            // The next one.
          }
        }
      }
      return verifiers;
    }

    public static void fuzzerTestOneInput(byte[] data) {
      SchemeVerifier verifier = one(data, VERIFIERS);
      String[] texts = rest(data).split("\0", -1);
      Map<String, String> headers = new LinkedHashMap<>();
      int next = 0;
      for (String name : Set.copyOf(verifier.scheme().headers())) {
        if (next < texts.length && !texts[next].isEmpty()) {
          headers.put(name, texts[next]);
        }
        next++;
      }
      String body = next < texts.length ? texts[next] : "";
      TestRequest request =
          TestRequest.post(body.getBytes(StandardCharsets.ISO_8859_1)).with(headers);
      Verdict verdict = verifier.verify(request, NOW);
      require(verdict instanceof Verdict.Refused, "noise was verified by " + verifier.scheme());
      Challenge challenge = verifier.unsignedChallenge(request, NOW, Challenge.Settings.NONE);
      require(challenge != null, "no answer");
    }
  }
}
