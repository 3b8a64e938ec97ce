package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.custody.SecretType;
import io.zenmesh.controlplane.mesh.MeshDocument.SecretDocument;
import io.zenmesh.controlplane.mesh.MeshDocument.Source;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads the values that Secret documents point to and judges certificates. */
final class SecretLoader {
  private final SecretSource source;
  private final Instant now;
  private final Problems problems;

  SecretLoader(SecretSource source, Instant now, Problems problems) {
    this.source = source;
    this.now = now;
    this.problems = problems;
  }

  /** The secrets that could be read, the caller's to close. */
  List<SecretSpec> load(List<SecretDocument> documents) {
    List<SecretSpec> loaded = new ArrayList<>();
    for (SecretDocument document : documents) {
      if (document.type().isEmpty()) {
        continue;
      }
      Optional<String> certificate =
          document.certificateFile().flatMap(file -> certificate(document, file));
      Optional<SecretBytes> value = document.value().flatMap(from -> value(document, from));
      SecretType type = document.type().get();
      boolean complete =
          (type == SecretType.SIGNING || certificate.isPresent())
              && (type != SecretType.TLS || value.isPresent());
      SecretSpec spec =
          new SecretSpec(MeshLinker.ref(document), type, certificate, value, document.overlap());
      loaded.add(spec);
      if (complete) {
        judge(document, spec);
      }
    }
    return loaded;
  }

  private void judge(SecretDocument document, SecretSpec secret) {
    Optional<String> problem =
        switch (secret.type()) {
          case SIGNING, ROOT -> Optional.empty();
          case TLS ->
              Certificates.problemOfPair(
                  secret.certificatePem().orElseThrow(), secret.value().orElseThrow(), now);
          case CA -> Certificates.problemOfRoots(secret.certificatePem().orElseThrow(), now);
        };
    int line = document.certificateFile().map(Located::line).orElse(document.heading().line());
    problem.ifPresent(it -> add(document, line, "spec.certificate", it));
  }

  private Optional<String> certificate(SecretDocument document, Located<String> file) {
    return switch (source.file(file.value())) {
      case SecretSource.Reading.Read read -> Optional.of(text(read.bytes()));
      case SecretSource.Reading.Unreadable(String problem) -> {
        add(document, file.line(), "spec.certificate.file", problem);
        yield Optional.empty();
      }
    };
  }

  private Optional<SecretBytes> value(SecretDocument document, Located<Source> from) {
    if (from.value().kind() == Source.Kind.CUSTODY) {
      return Optional.empty();
    }
    boolean file = from.value().kind() == Source.Kind.FILE;
    String name = from.value().name();
    return switch (file ? source.file(name) : source.variable(name)) {
      case SecretSource.Reading.Read read -> Optional.of(read.bytes());
      case SecretSource.Reading.Unreadable(String problem) -> {
        add(document, from.line(), "spec.valueFrom." + (file ? "file" : "env"), problem);
        yield Optional.empty();
      }
    };
  }

  private void add(SecretDocument document, int line, String path, String problem) {
    problems.add(line, document.heading().subject(), path + ": " + problem);
  }

  private static String text(SecretBytes bytes) {
    byte[] copy = bytes.copy(SecretAccess.granted());
    try (bytes) {
      return new String(copy, StandardCharsets.US_ASCII) + "\n";
    } finally {
      Arrays.fill(copy, (byte) 0);
    }
  }
}
