package io.zenmesh.controlplane.cli;

import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeSummary;
import io.zenmesh.extproc.signature.SchemeVerifier;
import io.zenmesh.extproc.signature.Verdict;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.json.JsonMapper;

@Command(
    name = "verify",
    description = "Says whether a request is signed rightly; ends with 0 if it is, with 1 if not.")
final class SignatureVerifyCommand implements Callable<Integer> {
  @Mixin private SignatureInput input;

  @Override
  public Integer call() {
    Scheme scheme = input.scheme();
    CliRequest request = input.request(scheme);
    SchemeVerifier verifier =
        InputErrors.asUsage(() ->
            SchemeVerifier.prepare(scheme, input.settings(), input.keys(), input.keySource()));
    Verdict verdict = verifier.verify(request, input.at());
    Optional<String> reason =
        verdict instanceof Verdict.Refused refused
            ? Optional.of(refused.reason().code())
            : Optional.empty();
    if (input.json()) {
      input.out().println(json(scheme, verdict, reason));
    } else {
      input.out().println(reason.map(code -> "refused: " + code).orElse("verified"));
    }
    return reason.isPresent() ? Zenctl.FAILED : Zenctl.DONE;
  }

  private static String json(Scheme scheme, Verdict verdict, Optional<String> reason) {
    Optional<String> eventId =
        verdict instanceof Verdict.Verified verified ? verified.eventId() : Optional.empty();
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("verdict", reason.isPresent() ? "refused" : "verified");
    fields.put("reason", reason.orElse(null));
    fields.put("scheme", scheme.name());
    fields.put("eventId", eventId.orElse(null));
    fields.put("eventIdSigned", eventId.isPresent() && SchemeSummary.of(scheme).signsId());
    fields.put("weak", scheme.weak());
    return JsonMapper.shared().writeValueAsString(fields);
  }
}
