package io.zenmesh.controlplane;

import io.zenmesh.controlplane.store.awskms.AwsKmsAddress;
import io.zenmesh.controlplane.store.transit.TransitAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Where the keys are that wrap secrets: a keyset file, a transit engine, or AWS KMS. */
final class KeyOptions {
  /** Not given: picocli cannot fill an Optional of a group that was left out. */
  private static final Path NONE = Path.of("");

  @ArgGroup(exclusive = false, multiplicity = "0..1")
  private List<InAFile> file = new ArrayList<>();

  @ArgGroup(exclusive = false, multiplicity = "0..1")
  private List<InTransit> transit = new ArrayList<>();

  @ArgGroup(exclusive = false, multiplicity = "0..1")
  private List<InAwsKms> awsKms = new ArrayList<>();

  private static final class InAFile {
    @Option(
        names = "--keyset",
        required = true,
        paramLabel = "FILE",
        description = "The keyset that wraps secrets; made on the first start, mode 0600.")
    private Path keyset = Path.of("");

    @Option(
        names = "--keyset-passphrase",
        paramLabel = "FILE",
        description = "The passphrase that seals the keyset, mode 0600; without it: in the clear.")
    private Path passphrase = NONE;
  }

  private static final class InTransit {
    @Option(
        names = "--kek-transit",
        required = true,
        paramLabel = "URL",
        description =
            "Wraps secrets with a key of a Vault or OpenBao transit engine instead of a keyset:"
                + " https://HOST[:PORT]/MOUNT/KEY.")
    private String url = "";

    @Option(
        names = "--kek-transit-token",
        required = true,
        paramLabel = "FILE",
        description = "The token for it, mode 0600; read at each request.")
    private Path token = Path.of("");

    @Option(
        names = "--kek-transit-ca",
        required = true,
        paramLabel = "FILE",
        description = "Certificates in PEM that its server's is judged by.")
    private Path roots = Path.of("");
  }

  private static final class InAwsKms {
    @Option(
        names = "--kek-aws-kms",
        required = true,
        paramLabel = "ARN",
        description =
            "Wraps secrets with a symmetric key of AWS KMS instead of a keyset; needs --audit-dir.")
    private String arn = "";

    @Option(
        names = "--kek-aws-kms-former",
        paramLabel = "ARN",
        description = "A key that was the one before, as long as anything is under it; repeatable.")
    private List<String> former = new ArrayList<>();

    @Option(
        names = "--kek-aws-kms-endpoint",
        paramLabel = "URL",
        description = "Where KMS is, for a private endpoint; default: the region's public one.")
    private URI endpoint = URI.create("");
  }

  KeyPlace place() {
    return transit.stream()
        .<KeyPlace>map(it -> new KeyPlace.Transit(address(it)))
        .findFirst()
        .or(() -> awsKms.stream().<KeyPlace>map(it -> new KeyPlace.AwsKms(address(it))).findFirst())
        .or(() ->
            file.stream()
                .<KeyPlace>map(it ->
                    new KeyPlace.Keyset(
                        it.keyset, Optional.of(it.passphrase).filter(file -> !file.equals(NONE))))
                .findFirst())
        .orElseThrow(() ->
            StartException.usage(
                "--keyset: missing (expected: it, --kek-transit or --kek-aws-kms)"));
  }

  private static TransitAddress address(InTransit options) {
    try {
      return TransitAddress.parse(options.url, options.token, options.roots);
    } catch (IllegalArgumentException e) {
      throw StartException.usage("--" + e.getMessage());
    }
  }

  private static AwsKmsAddress address(InAwsKms options) {
    try {
      return new AwsKmsAddress(
          options.arn,
          options.former,
          Optional.of(options.endpoint).filter(it -> !it.toString().isEmpty()));
    } catch (IllegalArgumentException e) {
      throw StartException.usage("--" + e.getMessage());
    }
  }

  Path auditFolder() {
    return Stream.concat(file.stream().map(it -> it.keyset), transit.stream().map(it -> it.token))
        .findFirst()
        .orElseThrow(
            () -> StartException.usage("--audit-dir: missing (expected: with --kek-aws-kms)"))
        .toAbsolutePath()
        .resolveSibling("audit");
  }
}
