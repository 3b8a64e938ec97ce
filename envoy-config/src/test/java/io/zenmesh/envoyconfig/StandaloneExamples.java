package io.zenmesh.envoyconfig;

import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.resource.KubernetesEnvoy;
import io.zenmesh.xds.resource.ProcessorAddress;
import io.zenmesh.xds.resource.StandaloneEnvoy;
import io.zenmesh.xds.standalone.StandaloneConfig;
import io.zenmesh.xds.standalone.StandaloneReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The examples of an Envoy without a control plane, as rendered from their endpoints.yaml. */
final class StandaloneExamples {
  static final Path FOLDER = Path.of("src/main/resources/io/zenmesh/envoyconfig/standalone");
  static final ProcessorAddress SOCKET = new ProcessorAddress.Socket("/run/zen/extproc.sock");
  static final ProcessorAddress MTLS =
      new ProcessorAddress.Mtls(
          new HostPort("extproc.zen.svc", 9000),
          "spiffe://zen.example/extproc",
          new IdentityFiles(Path.of("/etc/zen/envoy")));

  private StandaloneExamples() {}

  static StandaloneEnvoy envoy(ProcessorAddress processor) throws IOException {
    return envoy(config(), processor);
  }

  static StandaloneEnvoy envoy(StandaloneConfig config, ProcessorAddress processor) {
    return new StandaloneEnvoy(config, processor, StandaloneExamples::outcomeNeeded);
  }

  static boolean outcomeNeeded(String scheme) {
    return Catalogue.bundled().find(scheme).map(it -> !it.replay().onePhase()).orElse(true);
  }

  static StandaloneConfig config() throws IOException {
    return config(Files.readString(FOLDER.resolve("endpoints.yaml")));
  }

  /** The example with its first and its last endpoint in dry run. */
  static StandaloneConfig dryRunConfig() throws IOException {
    return config(
        Files.readString(FOLDER.resolve("endpoints.yaml"))
            .replaceAll("path: /(orders|builds)\n", "path: /$1\n    enforce: false\n"));
  }

  private static StandaloneConfig config(String text) {
    StandaloneReader.Reading reading =
        StandaloneReader.read(
            text,
            FOLDER,
            Catalogue.bundled().schemes().stream().map(Scheme::name).collect(Collectors.toSet()));
    return switch (reading) {
      case StandaloneReader.Reading.Good(StandaloneConfig config) -> config;
      case StandaloneReader.Reading.Bad(var problems) ->
          throw new AssertionError(problems.toString());
    };
  }

  /** File name to text. */
  static SortedMap<String, String> rendered() throws IOException {
    StandaloneEnvoy socket = envoy(SOCKET);
    StandaloneEnvoy mtls = envoy(MTLS);
    SortedMap<String, String> files = new TreeMap<>();
    files.put("endpoints.schema.json", StandaloneReader.schema());
    files.put("early-header-mutation.yaml", socket.headerMutation());
    files.put("http-filters.yaml", socket.httpFilters());
    files.put("virtual-hosts.yaml", socket.virtualHosts());
    files.put("cluster-uds.yaml", socket.processorClusters());
    files.put("cluster-mtls.yaml", mtls.processorClusters());
    files.put("clusters-upstream.yaml", socket.upstreams());
    files.put("envoy.yaml", bootstrap(socket));
    files.put("envoy-mtls.yaml", bootstrap(mtls));
    files.put(
        "envoy-gateway.yaml", new KubernetesEnvoy(mtls).envoyGateway("default", "eg", "https"));
    files.put("istio.yaml", new KubernetesEnvoy(mtls).istio("istio-system", "ingressgateway"));
    return files;
  }

  static String bootstrap(StandaloneEnvoy envoy) {
    return envoy.bootstrap(
        new HostPort("0.0.0.0", 8443),
        new IdentityFiles(Path.of("/etc/zen/edge")),
        Path.of("/run/zen/envoy-admin.sock"));
  }
}
