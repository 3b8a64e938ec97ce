package io.zenmesh.controlplane;

import io.zenmesh.controlplane.store.awskms.AwsKmsAddress;
import io.zenmesh.controlplane.store.gcpkms.GcpKmsAddress;
import io.zenmesh.controlplane.store.transit.TransitAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Where the keys are that wrap secrets: a keyset file, a transit engine, or a cloud's KMS. */
final class KeyOptions {
  /** Not given: picocli cannot fill an Optional of a group that was left out. */
  private static final Path NONE = Path.of("");

  @ArgGroup(exclusive = false, multiplicity = "0..1")
  private List<InAFile> file = new ArrayList<>();

  @ArgGroup(exclusive = false, multiplicity = "0..1")
  private List<InTransit> transit = new ArrayList<>();

  @ArgGroup(exclusive = false, multiplicity = "0..1")
  private List<InAwsKms> awsKms = new ArrayList<>();

  @ArgGroup(exclusive = false, multiplicity = "0..1")
  private List<InGcpKms> gcpKms = new ArrayList<>();

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

  private static final class InGcpKms {
    @Option(
        names = "--kek-gcp-kms",
        required = true,
        paramLabel = "NAME",
        description =
            "Wraps secrets with a symmetric key of Google Cloud KMS instead of a keyset:"
                + " projects/P/locations/L/keyRings/R/cryptoKeys/K; needs --audit-dir.")
    private String name = "";

    @Option(
        names = "--kek-gcp-kms-former",
        paramLabel = "NAME",
        description = "A key that was the one before, as long as anything is under it; repeatable.")
    private List<String> former = new ArrayList<>();

    @Option(
        names = "--kek-gcp-kms-credentials",
        paramLabel = "FILE",
        description =
            "Who asks, as Google's JSON, mode 0600; default: the application default credentials.")
    private Path credentials = NONE;

    @Option(
        names = "--kek-gcp-kms-endpoint",
        paramLabel = "URL",
        description = "Where KMS is, for a private endpoint; default: the public one.")
    private URI endpoint = URI.create("");
  }

  KeyPlace place() {
    try {
      return Stream.of(
              transit.stream().map(KeyOptions::place),
              awsKms.stream().map(KeyOptions::place),
              gcpKms.stream().map(KeyOptions::place),
              file.stream().map(KeyOptions::place))
          .<KeyPlace>flatMap(it -> it)
          .findFirst()
          .orElseThrow(() ->
              StartException.usage(
                  "--keyset: missing (expected: it, --kek-transit, --kek-aws-kms or"
                      + " --kek-gcp-kms)"));
    } catch (IllegalArgumentException e) {
      throw StartException.usage("--" + e.getMessage());
    }
  }

  private static KeyPlace place(InAFile options) {
    return new KeyPlace.Keyset(options.keyset, given(options.passphrase));
  }

  private static KeyPlace place(InTransit options) {
    return new KeyPlace.Transit(TransitAddress.parse(options.url, options.token, options.roots));
  }

  private static KeyPlace place(InAwsKms options) {
    return new KeyPlace.AwsKms(
        new AwsKmsAddress(options.arn, options.former, given(options.endpoint)));
  }

  private static KeyPlace place(InGcpKms options) {
    return new KeyPlace.GcpKms(
        new GcpKmsAddress(
            options.name, options.former, given(options.endpoint), given(options.credentials)));
  }

  private static <T> Optional<T> given(T value) {
    return Optional.of(value).filter(it -> !it.toString().isEmpty());
  }

  Path auditFolder() {
    return Stream.concat(file.stream().map(it -> it.keyset), transit.stream().map(it -> it.token))
        .findFirst()
        .orElseThrow(() ->
            StartException.usage(
                "--audit-dir: missing (expected: with --kek-aws-kms or --kek-gcp-kms)"))
        .toAbsolutePath()
        .resolveSibling("audit");
  }
}
