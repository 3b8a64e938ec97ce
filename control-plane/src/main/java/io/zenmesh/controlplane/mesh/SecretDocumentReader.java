package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.mesh.MeshDocument.Heading;
import io.zenmesh.controlplane.mesh.MeshDocument.SecretDocument;
import io.zenmesh.controlplane.mesh.MeshDocument.Source;
import java.util.List;
import java.util.Optional;

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
  private static final String NO_VALUE = "valueFrom with file or env; a mesh file holds no secret";

  private SecretDocumentReader() {}

  static Optional<MeshDocument> read(Optional<Heading> heading, Fields spec) {
    Optional<SecretType> type =
        spec.text("type", TYPES)
            .flatMap(it -> {
              Optional<SecretType> known = SecretType.ofWord(it.value());
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
    spec.end();
    type.ifPresent(it -> checkParts(it, spec));
    return heading.map(it -> new SecretDocument(it, type, certificate, value));
  }

  private static void checkParts(SecretType type, Fields spec) {
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
    if (fields.has("file") == fields.has("env")) {
      spec.refuse(
          fields.line(),
          "valueFrom",
          fields.has("file") ? "both file and env" : "neither file nor env",
          "one of file, env");
    }
    fields.end();
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
