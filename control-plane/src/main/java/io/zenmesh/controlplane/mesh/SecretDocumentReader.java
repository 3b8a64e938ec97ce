package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.custody.Overlap;
import io.zenmesh.controlplane.custody.SecretType;
import io.zenmesh.controlplane.custody.TenantRoots;
import io.zenmesh.controlplane.mesh.MeshDocument.Heading;
import io.zenmesh.controlplane.mesh.MeshDocument.SecretDocument;
import io.zenmesh.controlplane.mesh.MeshDocument.Source;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads the spec of a Secret document.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A mesh file holds no secret: a value written into it is refused and not repeated in the
 * problem, wherever in the document it stands.
 */
final class SecretDocumentReader {
  private static final String TYPES = "signing, tls or ca";
  private static final String FILE = "a relative path without .. of [A-Za-z0-9._/-]";
  private static final String VARIABLE = "the name of an environment variable";
  private static final String NO_VALUE =
      "valueFrom with file, env or custody; a mesh file holds no secret";

  private SecretDocumentReader() {}

  static Optional<MeshDocument> read(Optional<Heading> heading, Fields spec) {
    Optional<SecretType> type =
        spec.text("type", TYPES)
            .flatMap(it -> {
              Optional<SecretType> known =
                  SecretType.ofWord(it.value()).filter(found -> found != SecretType.ROOT);
              if (known.isEmpty()) {
                spec.refuse(it.line(), "type", "unknown", TYPES);
              }
              return known;
            });
    for (String inline : List.of("value", "data", "stringData")) {
      spec.forbid(inline, NO_VALUE);
    }
    Optional<Located<String>> certificate = certificate(spec);
    Optional<Located<Source>> value = value(spec);
    Duration overlap = overlap(spec);
    spec.end();
    type.ifPresent(it -> checkParts(it, spec, value));
    heading
        .filter(it -> it.name().equals(TenantRoots.NAME))
        .ifPresent(it ->
            spec.refuse(
                it.line(), "metadata.name", it.name() + "", "another name; it is built in"));
    return heading.map(it -> new SecretDocument(it, type, certificate, value, overlap));
  }

  private static Duration overlap(Fields spec) {
    Optional<Located<String>> text = spec.optionalText("overlap", Overlap.GRAMMAR);
    Optional<Duration> overlap = text.flatMap(it -> Overlap.parse(it.value()));
    if (text.isPresent() && overlap.isEmpty()) {
      spec.refuse(text.get().line(), "overlap", "malformed", Overlap.GRAMMAR);
    }
    return overlap.orElse(Overlap.DEFAULT);
  }

  private static void checkParts(SecretType type, Fields spec, Optional<Located<Source>> value) {
    if (type != SecretType.SIGNING) {
      if (spec.has("overlap")) {
        spec.refuse(spec.memberLine("overlap"), "overlap", "given", "only for type signing");
      }
      value
          .filter(it -> it.value().kind() == Source.Kind.CUSTODY)
          .ifPresent(
              it -> spec.refuse(it.line(), "valueFrom.custody", "given", "only for type signing"));
    }
    boolean needsCertificate = type != SecretType.SIGNING;
    boolean needsValue = type != SecretType.CA;
    checkPart(spec, "certificate", needsCertificate, type);
    checkPart(spec, "valueFrom", needsValue, type);
  }

  private static void checkPart(Fields spec, String key, boolean needed, SecretType type) {
    if (needed && !spec.has(key)) {
      spec.refuse(spec.line(), key, "missing", "given for type " + type.word());
    } else if (!needed && spec.has(key)) {
      spec.refuse(spec.memberLine(key), key, "given", "absent for type " + type.word());
    }
  }

  private static Optional<Located<String>> certificate(Fields spec) {
    return spec.optionalMapping("certificate")
        .flatMap(it -> {
          Optional<Located<String>> file = it.text("file", FILE).filter(f -> file(it, f));
          it.end();
          return file;
        });
  }

  private static Optional<Located<Source>> value(Fields spec) {
    Optional<Fields> from = spec.optionalMapping("valueFrom");
    if (from.isEmpty()) {
      return Optional.empty();
    }
    Fields fields = from.get();
    Optional<Located<String>> file = fields.optionalText("file", FILE).filter(f -> file(fields, f));
    Optional<Located<String>> env =
        fields.optionalText("env", VARIABLE).filter(it -> variable(fields, it));
    boolean custody = fields.optionalFlag("custody").orElse(false);
    long given = Stream.of(fields.has("file"), fields.has("env"), custody).filter(it -> it).count();
    if (given != 1) {
      spec.refuse(
          fields.line(),
          "valueFrom",
          given == 0 ? "none of file, env, custody" : "more than one of file, env, custody",
          "one of file, env, custody: true");
    }
    fields.end();
    if (custody) {
      return Optional.of(new Located<>(fields.line(), new Source(Source.Kind.CUSTODY, "")));
    }
    return file.map(it -> new Located<>(it.line(), new Source(Source.Kind.FILE, it.value())))
        .or(() ->
            env.map(
                it -> new Located<>(it.line(), new Source(Source.Kind.ENVIRONMENT, it.value()))));
  }

  private static boolean file(Fields fields, Located<String> file) {
    String path = file.value();
    boolean fits =
        path.matches("[A-Za-z0-9._-][A-Za-z0-9._/-]{0,254}")
            && List.of(path.split("/", -1)).stream()
                .noneMatch(it -> it.isEmpty() || it.equals(".."));
    if (!fits) {
      // Not repeated: someone may have put the secret itself here.
      fields.refuse(file.line(), "file", "not allowed", FILE);
    }
    return fits;
  }

  private static boolean variable(Fields fields, Located<String> name) {
    boolean fits = name.value().matches("[A-Za-z_][A-Za-z0-9_]{0,127}");
    if (!fits) {
      fields.refuse(name.line(), "env", "not allowed", VARIABLE);
    }
    return fits;
  }
}
