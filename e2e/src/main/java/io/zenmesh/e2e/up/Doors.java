package io.zenmesh.e2e.up;

import io.zenmesh.e2e.harness.Checkout;
import io.zenmesh.e2e.harness.DemoEndpoint;
import io.zenmesh.e2e.harness.Mesh;
import io.zenmesh.e2e.harness.MeshFiles;
import io.zenmesh.e2e.harness.Part;
import io.zenmesh.xds.model.HostPort;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** Tells where everything is: addresses, credentials, and a first thing to try. */
record Doors(Mesh mesh, UpOptions options, Screen screen) {
  void show() {
    addresses();
    credentials();
    screen.heading("Try");
    attempts();
  }

  private void addresses() {
    screen.heading("Addresses");
    String hosts =
        DemoEndpoint.ALL.stream()
            .map(DemoEndpoint::host)
            .distinct()
            .collect(Collectors.joining(", "));
    for (String node : mesh.ingressNodes()) {
      entry(node, "https://" + files().ingress(node) + "  (" + hosts + ")");
      entry(
          "extproc-" + node,
          "https://" + mesh.processor(node).admin() + "/healthz /readyz /metrics");
    }
    entry("egress-1", files().ports().address(Part.EGRESS_1) + "  (the ingress Envoys only)");
    entry("admin API", "https://" + mesh.controlPlane().api() + "  (zen ctl)");
    entry("xDS", mesh.controlPlane().xds().toString());
    mesh.postgres().ifPresent(postgres -> entry("PostgreSQL", postgres.address().toString()));
    entry("Redis", mesh.redisStore().url());
    entry("sample target", "https://localhost:" + files().ports().of(Part.TARGET));
  }

  private void credentials() {
    screen.heading("Credentials (mode 0600, generated here, good for nothing else)");
    entry("root to trust", files().roots().toString());
    entry("provider secrets", files().state().secrets().resolve("TENANT-ENDPOINT.key").toString());
    entry("operator", files().operator().directory().toString());
    entry("mesh.yaml", files().state().meshFile().toString());
    entry("logs", files().state().log("PROCESS").toString());
  }

  private void attempts() {
    DemoEndpoint gitlab =
        DemoEndpoint.ALL.stream()
            .filter(e -> e.scheme().equals("gitlab-token"))
            .findFirst()
            .orElseThrow();
    HostPort door = files().ingress(mesh.ingressNodes().getFirst());
    String curl =
        "curl --cacert "
            + quoted(files().roots())
            + " --resolve "
            + gitlab.host()
            + ":"
            + door.port()
            + ":127.0.0.1 --json '{}'";
    String url = " https://" + gitlab.host() + ":" + door.port() + gitlab.path();
    screen.line("  # refused: no token");
    screen.line("  " + curl + url);
    screen.line("  # passes: the token from its file, not on the command line");
    screen.line(
        "  (printf 'X-Gitlab-Token: '; cat "
            + quoted(files().secret(gitlab))
            + ") | "
            + curl
            + " -H @-"
            + url);
    screen.line("  " + ctl(options.state(), Checkout.find().root()) + " proxy status");
  }

  /**
   * The command line of the mesh in this state; {@code ./zen ctl} alone means the checkout's own.
   */
  static String ctl(Path state, Path checkout) {
    return state.equals(checkout.resolve(".zen"))
        ? "./zen ctl"
        : "./zen ctl --config " + quoted(state.resolve("zenctl.yaml"));
  }

  private void entry(String name, String value) {
    screen.line("  %-18s %s".formatted(name, value));
  }

  private MeshFiles files() {
    return mesh.files();
  }

  private static String quoted(Path path) {
    return path.toString().matches("[A-Za-z0-9_./-]+")
        ? path.toString()
        : "'" + path.toString().replace("'", "'\\''") + "'";
  }
}
