package io.zenmesh.controlplane.cli;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.resource.KubernetesEnvoy;
import io.zenmesh.xds.resource.ProcessorAddress;
import io.zenmesh.xds.resource.StandaloneEnvoy;
import io.zenmesh.xds.standalone.StandaloneConfig;
import io.zenmesh.xds.standalone.StandaloneConfig.Listen;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "render", description = "Prints Envoy configuration for the endpoints of a file.")
final class EnvoyRenderCommand implements Callable<Integer> {
  private static final int MAX_PORT = 65_535;

  /** What to print. */
  enum Mode {
    /** A complete bootstrap. */
    STATIC("static"),
    /** The parts to paste. */
    SNIPPET("snippet"),
    /** For Envoy Gateway. */
    ENVOY_GATEWAY("envoy-gateway"),
    /** For an Istio ingress gateway. */
    ISTIO("istio");

    private final String word;

    Mode(String word) {
      this.word = word;
    }

    @Override
    public String toString() {
      return word;
    }
  }

  @Option(
      names = "--mode",
      required = true,
      description = "${COMPLETION-CANDIDATES}: a whole bootstrap, parts to paste, or patches.")
  private Mode mode = Mode.SNIPPET;

  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "FILE",
      description = "The endpoints.yaml.")
  private Path file;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "Unix socket of the processor as Envoy sees it; default: the file's.")
  private Optional<Path> socket = Optional.empty();

  @Option(
      names = "--mtls",
      paramLabel = "HOST:PORT",
      description = "Address of the processor as Envoy sees it, over mutual TLS.")
  private Optional<String> mtls = Optional.empty();

  @Option(
      names = "--processor-id",
      paramLabel = "SPIFFE_ID",
      description = "With --mtls: the only identity accepted there.")
  private Optional<String> processorId = Optional.empty();

  @Option(
      names = "--envoy-identity",
      paramLabel = "DIR",
      defaultValue = "/etc/zen/envoy",
      description =
          "With --mtls: svid.pem, key.pem, bundle.pem, where Envoy runs; default: ${DEFAULT-VALUE}.")
  private Path envoyIdentity = Path.of("/etc/zen/envoy");

  @Option(
      names = "--listen",
      paramLabel = "IP:PORT",
      defaultValue = "0.0.0.0:8443",
      description = "static: where Envoy accepts TLS; default: ${DEFAULT-VALUE}.")
  private String listen = "0.0.0.0:8443";

  @Option(
      names = "--edge-identity",
      paramLabel = "DIR",
      defaultValue = "/etc/zen/edge",
      description = "static: svid.pem and key.pem shown to senders; default: ${DEFAULT-VALUE}.")
  private Path edge = Path.of("/etc/zen/edge");

  @Option(
      names = "--admin-socket",
      paramLabel = "PATH",
      defaultValue = "/run/zen/envoy-admin.sock",
      description = "static: Envoy's admin interface; default: ${DEFAULT-VALUE}.")
  private Path adminSocket = Path.of("/run/zen/envoy-admin.sock");

  @Option(
      names = "--gateway",
      paramLabel = "NAMESPACE/NAME/LISTENER",
      defaultValue = "default/eg/https",
      description = "envoy-gateway: the Gateway and its HTTPS listener; default: ${DEFAULT-VALUE}.")
  private String gateway = "default/eg/https";

  @Option(
      names = "--istio-gateway",
      paramLabel = "NAMESPACE/LABEL",
      defaultValue = "istio-system/ingressgateway",
      description =
          "istio: namespace, and value of label istio, of the gateway; default: ${DEFAULT-VALUE}.")
  private String istioGateway = "istio-system/ingressgateway";

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Optional<StandaloneConfig> config = EndpointsFile.read(file, spec.commandLine().getErr());
    if (config.isEmpty()) {
      return Zenctl.FAILED;
    }
    StandaloneEnvoy envoy =
        new StandaloneEnvoy(config.get(), processor(config.get()), EndpointsFile::outcomeNeeded);
    if (envoy.routed().isEmpty()) {
      throw CliException.usage(
          file
              + ": no endpoint to render (expected: host, path and destination or cluster in one)");
    }
    switch (mode) {
      case STATIC -> out.print(bootstrap(envoy));
      case SNIPPET -> snippet(out, envoy);
      case ENVOY_GATEWAY -> {
        String[] names = names("--gateway", gateway, 3);
        out.print(new KubernetesEnvoy(envoy).envoyGateway(names[0], names[1], names[2]));
      }
      case ISTIO -> {
        String[] names = names("--istio-gateway", istioGateway, 2);
        out.print(new KubernetesEnvoy(envoy).istio(names[0], names[1]));
      }
    }
    out.flush();
    return Zenctl.DONE;
  }

  private String bootstrap(StandaloneEnvoy envoy) {
    try {
      return envoy.bootstrap(hostPort("--listen", listen), new IdentityFiles(edge), adminSocket);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(file + ": " + e.getMessage());
    }
  }

  private static void snippet(PrintWriter out, StandaloneEnvoy envoy) {
    out.println("# in the http_connection_manager, for many servers read x_zen_ as x-zen-:");
    out.println("common_http_protocol_options:");
    out.println("  headers_with_underscores_action: REJECT_REQUEST");
    out.println();
    out.println("# early_header_mutation_extensions of the http_connection_manager:");
    out.println(envoy.headerMutation());
    out.println("# http_filters, directly before the router and in this order:");
    out.println(envoy.httpFilters());
    out.println("# virtual_hosts of its route_config; the names of the routes matter:");
    out.println(envoy.virtualHosts());
    out.println("# clusters:");
    out.print(envoy.processorClusters());
    out.print(envoy.upstreams());
  }

  private ProcessorAddress processor(StandaloneConfig config) {
    if (socket.isPresent() && mtls.isPresent()) {
      throw CliException.usage("--socket: with --mtls (expected: one of the two)");
    }
    if (mtls.isPresent()) {
      String id =
          processorId
              .filter(it -> SpiffeId.parse(it).isPresent())
              .orElseThrow(() ->
                  CliException.usage("--processor-id: missing (expected: spiffe://domain/path)"));
      return new ProcessorAddress.Mtls(
          hostPort("--mtls", mtls.get()), id, new IdentityFiles(envoyIdentity));
    }
    if (socket.isPresent()) {
      return new ProcessorAddress.Socket(socket.get().toString());
    }
    return switch (config.listen()) {
      case Listen.Socket(Path path) -> new ProcessorAddress.Socket(path.toString());
      case Listen.Tls tls ->
          throw CliException.usage(
              "--mtls: missing, the processor listens on "
                  + tls.address()
                  + " (expected: HOST:PORT as Envoy sees it, and --processor-id)");
    };
  }

  private static String[] names(String option, String text, int count) {
    String[] names = text.split("/", -1);
    for (String name : names) {
      if (names.length != count || !Name.isValid(name)) {
        throw CliException.usage(
            option + ": malformed (expected: " + count + " names separated by /)");
      }
    }
    return names;
  }

  private static HostPort hostPort(String option, String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon).replaceAll("^\\[|\\]$", "");
    String port = text.substring(colon + 1);
    if (!host.matches("[A-Za-z0-9.:-]{1,253}")
        || !port.matches("[1-9][0-9]{0,4}")
        || Integer.parseInt(port) > MAX_PORT) {
      throw CliException.usage(option + ": malformed (expected: HOST:PORT)");
    }
    return new HostPort(host, Integer.parseInt(port));
  }
}
