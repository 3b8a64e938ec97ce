package io.zenmesh.xds.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointPolicy.OnDuplicate;
import io.zenmesh.xds.model.EndpointPolicy.OnStoreLoss;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.standalone.StandaloneConfig.Listen;
import io.zenmesh.xds.standalone.StandaloneConfig.Replay;
import io.zenmesh.xds.standalone.StandaloneEndpoint.SecretRef;
import io.zenmesh.xds.standalone.StandaloneEndpoint.Upstream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StandaloneReaderTest {
  @Test
  void everyKey_isRead() {
    StandaloneConfig config = Samples.good(Samples.FULL);
    assertThat(config.listen())
        .isInstanceOfSatisfying(
            Listen.Tls.class,
            tls -> {
              assertThat(tls.address()).isEqualTo(new HostPort("0.0.0.0", 9000));
              assertThat(tls.identity().directory()).isEqualTo(Path.of("/etc/zen/identity"));
              assertThat(tls.clients().spiffeIds()).hasToString("[spiffe://zen.example/envoy]");
              assertThat(tls.clients().sans()).containsExactly("envoy.zen.svc");
            });
    assertThat(config.replay())
        .isInstanceOfSatisfying(
            Replay.Redis.class,
            redis -> {
              assertThat(redis.address()).isEqualTo(new HostPort("redis.zen.svc", 6379));
              assertThat(redis.user()).isEqualTo("zen");
              assertThat(redis.passwordFile()).isEqualTo(Path.of("/etc/zen/redis.password"));
            });
    assertThat(config.admin().orElseThrow().identity()).isPresent();
    EndpointPolicy policy = config.endpoints().getFirst().policy();
    assertThat(policy.ref()).hasToString("acme/orders");
    assertThat(policy.tolerance()).contains(Duration.ofSeconds(300));
    assertThat(policy.maxBodyBytes()).isEqualTo(262144);
    assertThat(policy.publicUrl()).contains("https://hooks.acme.example/orders");
    assertThat(policy.onDuplicate()).isEqualTo(OnDuplicate.ACKNOWLEDGE);
    assertThat(policy.onStoreLoss()).isEqualTo(OnStoreLoss.ACCEPT);
    assertThat(policy.enforce()).isFalse();
    assertThat(policy.settings().topicArns()).hasSize(1);
    assertThat(policy.settings().autoConfirm()).isTrue();
    assertThat(config.endpoints().getFirst().secrets())
        .extracting(SecretRef::id)
        .containsExactly("orders", "ORDERS_SECRET", "orders.txt");
    assertThat(config.endpoints().get(1).definition().orElseThrow().file())
        .isEqualTo(Path.of("/etc/zen/our-own.yaml"));
    assertThat(config.endpoints().get(1).way().orElseThrow().upstream())
        .isEqualTo(new Upstream.Named("own_service"));
  }

  @Test
  void everythingElse_hasItsDefault() {
    StandaloneConfig config = Samples.good(Samples.SMALL);
    assertThat(config.listen()).isEqualTo(new Listen.Socket(Path.of("/run/zen/extproc.sock")));
    assertThat(config.replay()).isEqualTo(new Replay.Memory());
    assertThat(config.admin()).isEmpty();
    StandaloneEndpoint endpoint = config.endpoints().getFirst();
    assertThat(endpoint.way()).isEmpty();
    assertThat(endpoint.policy())
        .isEqualTo(
            new EndpointPolicy(
                endpoint.policy().ref(),
                "zen",
                Optional.empty(),
                EndpointPolicy.DEFAULT_MAX_BODY_BYTES,
                Optional.empty(),
                OnDuplicate.REFUSE,
                OnStoreLoss.REFUSE));
  }

  @Test
  void allProblems_areToldAtOnce_withTheirPlaces() {
    String text =
        """
        listen: relative.sock
        replay:
          memory: {}
          redis: {address: x, user: zen, passwordFile: p, identity: i}
        admin: {address: 10.0.0.1:80}
        endpoints:
          - tenant: Acme
            name: orders
            scheme: githib
            secrets: []
            tollerance: 10s
            maxBodyBytes: 0x10
            enforce: "no"
          - tenant: acme
            name: orders
            scheme: zen
            secrets: [{file: a, env: B}, {value: hunter2}, {env: "9"}]
          - tenant: acme
            name: orders
            scheme: zen
            secrets: [{file: a}]
            onDuplicate: drop
        """;
    assertThat(Samples.problems(text))
        .containsExactly(
            "1:9: listen: malformed (expected: an absolute path of at most 100 bytes"
                + " [A-Za-z0-9._/-])",
            "3:3: replay.redis: with memory (expected: redis or memory)",
            "5:8: admin.identity: missing (expected: a directory, since the address is not a"
                + " loopback one)",
            "7:13: endpoints[0].tenant: malformed (expected: [a-z0-9][a-z0-9-]{0,62})",
            "9:13: endpoints[0].scheme: githib: unknown, did you mean github? (expected: one of"
                + " the 4 that 'zenctl signature schemes' lists)",
            "10:14: endpoints[0].secrets: 0 given (expected: a list of 1 to 8: mappings)",
            "11:5: endpoints[0].tollerance: unknown key, did you mean tolerance? (expected: tenant,"
                + " name, definition, scheme, secrets, tolerance, maxBodyBytes, publicUrl,"
                + " onDuplicate, onStoreLoss, enforce, topicArns, autoConfirm, host, path,"
                + " cluster, destination)",
            "12:19: endpoints[0].maxBodyBytes: text (expected: a whole number, 1 to 3145728)",
            "13:14: endpoints[0].enforce: text (expected: true or false)",
            "17:15: endpoints[1].secrets[0].file: with env (expected: one of file, env, directory;"
                + " never the secret itself)",
            "17:34: endpoints[1].secrets[1].file: missing (expected: one of file, env, directory;"
                + " never the secret itself)",
            "17:35: endpoints[1].secrets[1]: unknown key (expected: file, env, directory)",
            "17:58: endpoints[1].secrets[2].env: malformed (expected: [A-Za-z_][A-Za-z0-9_]{0,127})",
            "19:5: endpoints[2].name: acme/orders: a duplicate of endpoints[1] (expected: each"
                + " tenant and name once)",
            "22:18: endpoints[2].onDuplicate: malformed (expected: refuse or acknowledge)");
  }

  @Test
  void valuesInWrongPlaces_areNotRepeated() {
    String text =
        Samples.SMALL.replace("{file: orders}", "{value: hunter2, whsec_c2VjcmV0c2VjcmV0: x}")
            + "hunter2!: 1\n";
    assertThat(Samples.problems(text))
        .isNotEmpty()
        .noneMatch(line -> line.contains("hunter2"))
        .noneMatch(line -> line.contains("c2VjcmV0"));
  }

  @Test
  void textThatIsNoDocument_isOneProblemWithItsPlace() {
    assertThat(Samples.problems("listen: [\n")).singleElement().asString().contains("malformed");
    assertThat(Samples.problems("")).containsExactly("1:1: empty (expected: a mapping)");
    assertThat(Samples.problems("- a\n")).containsExactly("1:1: a list (expected: a mapping)");
    assertThat(Samples.problems(Samples.SMALL + "listen: /run/other.sock\n"))
        .containsExactly("5:1: a key twice (expected: each key once)");
    assertThat(Samples.problems(Samples.SMALL + "---\nlisten: x\n"))
        .singleElement()
        .asString()
        .contains("a second document");
    assertThat(Samples.problems("listen: &a /run/x\nreplay: *a\n"))
        .contains("2:9: replay: an alias (expected: the value itself)");
  }

  @Test
  void hostsOfTwoTenants_andPathsGivenTwice_areRefused() {
    String text =
        Samples.FULL
            .replace("name: own", "name: orders-too")
            .replace("tenant: acme\n    name: orders-too", "tenant: globex\n    name: own")
            .replace("path: /own", "path: /orders");
    assertThat(Samples.problems(text))
        .containsExactly(
            "43:5: endpoints[1].host: hooks.acme.example: of tenant acme (expected: one tenant for"
                + " each host)",
            "44:5: endpoints[1].path: /orders: a duplicate of endpoints[0] (expected: each path"
                + " once)");
  }

  @Test
  void json_isReadToo() {
    String json =
        "{\"listen\":\"/run/x.sock\",\"replay\":{\"memory\":{}},\"endpoints\":[{\"tenant\":\"acme\","
            + "\"name\":\"a\",\"scheme\":\"zen\",\"secrets\":[{\"file\":\"a\"}]}]}";
    assertThat(Samples.good(json).endpoints()).hasSize(1);
    assertThat(Samples.problems(json.replace("zen", "zem")))
        .isEqualTo(
            List.of(
                "1:98: endpoints[0].scheme: zem: unknown, did you mean zen? (expected: one of the 4"
                    + " that 'zenctl signature schemes' lists)"));
  }
}
