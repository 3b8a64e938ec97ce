package io.zenmesh.controlplane.cli;

import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.Cause;
import io.zenmesh.extproc.signature.Explainer;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.xds.secret.VerificationKey;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

@Command(
    name = "explain",
    description = {
      "Says why a request is refused: tries what would have matched, and prints the candidate",
      "causes, best first. Ends with 0 if the request is verified, with 1 if not."
    })
final class SignatureExplainCommand implements Callable<Integer> {
  @Option(
      names = "--previous-secret-file",
      paramLabel = "F",
      description = "A secret that no longer counts; may be repeated.")
  private List<Path> previous = new ArrayList<>();

  @Mixin private SignatureInput input;

  @Override
  public Integer call() {
    Scheme scheme = input.scheme();
    CliRequest request = input.request(scheme);
    List<Cause> causes =
        InputErrors.asUsage(() ->
            Explainer.explain(
                scheme,
                input.settings(),
                keys(),
                input.keySource(),
                request,
                input.at(),
                Catalogue.bundled().schemes()));
    if (input.json()) {
      input.out().println(json(scheme, causes));
    } else if (causes.isEmpty()) {
      input.out().println("verified: nothing to explain");
    } else {
      causes.forEach(cause -> input.out().println(kind(cause) + ": " + cause.text()));
    }
    return causes.isEmpty() ? Zenctl.DONE : Zenctl.FAILED;
  }

  private List<VerificationKey> keys() {
    List<VerificationKey> keys = new ArrayList<>(input.keys());
    for (Path file : previous) {
      // Over long ago: whatever time the message has, this key does not count.
      keys.add(
          new VerificationKey(
              "previous-" + keys.size(),
              Instant.MIN,
              Optional.of(Instant.MIN),
              input.secret(file)));
    }
    return keys;
  }

  private static String kind(Cause cause) {
    return cause.kind().name().toLowerCase(Locale.ROOT);
  }

  private static String json(Scheme scheme, List<Cause> causes) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("verdict", causes.isEmpty() ? "verified" : "refused");
    fields.put("scheme", scheme.name());
    fields.put(
        "causes",
        causes.stream().map(cause -> Map.of("kind", kind(cause), "text", cause.text())).toList());
    return JsonMapper.shared().writeValueAsString(fields);
  }
}
