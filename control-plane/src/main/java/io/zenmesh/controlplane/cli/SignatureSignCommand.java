package io.zenmesh.controlplane.cli;

import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeSigner;
import io.zenmesh.extproc.signature.SchemeSummary;
import io.zenmesh.xds.secret.SecretBytes;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

@Command(
    name = "sign",
    description = "Prints the headers that the provider would send, one per line.")
final class SignatureSignCommand implements Callable<Integer> {
  @Option(
      names = "--id",
      paramLabel = "ID",
      description = {
        "The event's id, or the nonce for schemes that have one; default: that of --header, else",
        "a random one."
      })
  private Optional<String> id = Optional.empty();

  @Option(
      names = "--key-id",
      paramLabel = "ID",
      description = "The key's id, for schemes that send it.")
  private Optional<String> keyId = Optional.empty();

  @Option(
      names = "--show-token",
      description = "Prints the header of schemes that send the secret itself, such as token.")
  private boolean showToken;

  @Mixin private SignatureInput input;

  @Override
  public Integer call() {
    Scheme scheme = input.scheme();
    SchemeSummary summary = SchemeSummary.of(scheme);
    if (summary.sendsSecret() && !showToken) {
      throw CliException.usage(
          "--show-token: missing (expected for "
              + scheme.name()
              + ": its header is the secret itself, and would be printed)");
    }
    CliRequest request = input.request(scheme);
    Map<String, String> headers;
    try (SecretBytes secret = input.secret()) {
      SchemeSigner.Delivery delivery =
          new SchemeSigner.Delivery(input.at(), id(summary, request), keyId);
      headers =
          InputErrors.asUsage(() -> SchemeSigner.sign(scheme, secret, request.message(), delivery));
    }
    if (input.json()) {
      input.out().println(JsonMapper.shared().writeValueAsString(Map.of("headers", headers)));
    } else {
      headers.forEach((name, value) -> input.out().println(name + ": " + value));
    }
    return Zenctl.DONE;
  }

  private String id(SchemeSummary summary, CliRequest request) {
    List<String> typed =
        summary
            .idHeader()
            .map(name -> request.header(name.toLowerCase(Locale.ROOT)))
            .orElse(List.of());
    return id.or(() -> typed.stream().findFirst())
        .orElseGet(() -> UUID.randomUUID().toString().replace("-", ""));
  }
}
