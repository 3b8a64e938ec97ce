package io.zenmesh.xds.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The schema for editors and the reader, which decides, hold the same files good and bad. */
class EndpointsSchemaTest {
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(StandaloneReader.schema());

  private static Arguments full(String from, String to) {
    return Arguments.of(Samples.FULL, from, to);
  }

  private static Arguments small(String from, String to) {
    return Arguments.of(Samples.SMALL, from, to);
  }

  static Stream<Arguments> good() {
    return Stream.of(
        full("", ""),
        small("", ""),
        small("listen: /run/zen/extproc.sock", "listen: {socket: /run/x.sock}"),
        small("replay: {memory: {}}", "replay: {memory: {}}\nadmin: {address: 127.0.0.1:1}"),
        small("replay: {memory: {}}", "replay: {memory: {}}\nadmin: {address: \"[::1]:65535\"}"),
        full("address: 0.0.0.0:9000", "address: \"[::]:9000\""),
        full("    spiffeIds: [spiffe://zen.example/envoy]\n", ""),
        full("address: redis.zen.svc:6379", "address: \"[fd00::1]:6379\""),
        full("tolerance: 300s", "tolerance: 1s"),
        full("tolerance: 300s", "tolerance: 600s"),
        full("maxBodyBytes: 262144", "maxBodyBytes: 3145728"),
        full("publicUrl: https://hooks.acme.example/orders", "publicUrl: https://a:1"),
        full("enforce: false", "enforce: true"),
        full("https://orders.acme.example:8443", "http://127.0.0.1:8080"),
        full("path: /orders", "path: /"));
  }

  static Stream<Arguments> bad() {
    return Stream.of(
        small("listen: /run/zen/extproc.sock\n", ""),
        small("listen: /run/zen/extproc.sock", "listen: extproc.sock"),
        small("listen: /run/zen/extproc.sock", "listen: {}"),
        small("listen: /run/zen/extproc.sock", "listen: [a]"),
        small("/run/zen/extproc.sock", "/run/" + "x".repeat(100)),
        small("listen: /run/zen/extproc.sock", "listen: {socket: /run/x, address: 1.1.1.1:1}"),
        full("address: 0.0.0.0:9000", "address: localhost:9000"),
        full("address: 0.0.0.0:9000", "address: 0.0.0.256:9000"),
        full("address: 0.0.0.0:9000", "address: 0.0.0.0:65536"),
        full("  identity: identity\n  clients", "  clients"),
        full("spiffe://zen.example/envoy", "spiffe://Zen.example/envoy"),
        full("spiffe://zen.example/envoy", "spiffe://zen.example"),
        full("sans: [envoy.zen.svc]\nreplay", "sans: [\"*.zen.svc\"]\nreplay"),
        small("{memory: {}}", "{}"),
        small("{memory: {}}", "{memory: {size: 1}}"),
        small("{memory: {}}", "{memory: {}, redis: {}}"),
        small("{memory: {}}", "{disk: {}}"),
        full("    user: zen\n", ""),
        full("    user: zen\n", "    user: \"a b\"\n"),
        full("    user: zen\n", "    user: zen\n    password: hunter2\n"),
        small("{memory: {}}", "{memory: {}}\nadmin: {address: 10.0.0.1:1}"),
        small("{memory: {}}", "{memory: {}}\nadmin: {identity: x}"),
        small("endpoints:\n", "endpoints: []\nx:\n"),
        small("endpoints:\n", "more: 1\nendpoints:\n"),
        small("tenant: acme, ", ""),
        small("tenant: acme", "tenant: Acme"),
        small("tenant: acme", "tenant: -acme"),
        small("name: orders", "name: 7"),
        small("scheme: zen, ", ""),
        small("scheme: zen", "scheme: [zen]"),
        small("secrets: [{file: orders}]", "secrets: []"),
        small("secrets: [{file: orders}]", "secrets: {file: orders}"),
        small("{file: orders}", "{value: hunter2}"),
        small("{file: orders}", "hunter2"),
        small("{file: orders}", "{file: orders, env: ORDERS}"),
        small("{file: orders}", "{file: orders, key: x}"),
        small("{file: orders}", "{file: \"\"}"),
        small("{file: orders}", "{env: 9LIVES}"),
        small("{file: orders}", "{directory: /x}"),
        small("{file: orders}", "{directory: /x, key: ../y}"),
        small("{file: orders}", "{directory: /x, key: ..}"),
        small("[{file: orders}]", "[" + "{file: a}, ".repeat(8) + "{file: a}]"),
        full("tolerance: 300s", "tolerance: 601s"),
        full("tolerance: 300s", "tolerance: 0s"),
        full("tolerance: 300s", "tolerance: 300"),
        full("maxBodyBytes: 262144", "maxBodyBytes: 3145729"),
        full("maxBodyBytes: 262144", "maxBodyBytes: 0"),
        full("maxBodyBytes: 262144", "maxBodyBytes: 1.5"),
        full("publicUrl: https://hooks", "publicUrl: http://hooks"),
        full("publicUrl: https://hooks.acme.example/orders", "publicUrl: https://u@h/orders"),
        full("publicUrl: https://hooks.acme.example/orders", "publicUrl: https://h/?q"),
        full("onDuplicate: acknowledge", "onDuplicate: drop"),
        full("onStoreLoss: accept", "onStoreLoss: true"),
        full("enforce: false", "enforce: 0"),
        full("arn:aws:sns:eu-west-1", "arn:aws:sqs:eu-west-1"),
        full("autoConfirm: true", "autoConfirm: \"true\""),
        full("    autoConfirm: true\n", "    autoConfirm: true\n    client: {mtls: required}\n"),
        full("host: hooks.acme.example\n    path: /orders", "host: Hooks\n    path: /orders"),
        full("host: hooks.acme.example\n    path: /orders", "host: hooks.acme.example"),
        full("path: /orders", "path: orders"),
        full("path: /orders", "path: /a/../b"),
        full("path: /orders", "path: /a?b"),
        full("    destination: https://orders.acme.example:8443\n", ""),
        full("cluster: own_service", "cluster: own_service\n    destination: https://a"),
        full("https://orders.acme.example:8443", "http://orders.acme.example"),
        full("https://orders.acme.example:8443", "https://orders.acme.example/x"),
        full("    definition:\n      file: our-own.yaml\n", "    definition: {name: x}\n"));
  }

  @ParameterizedTest
  @MethodSource("good")
  void goodFile_isGoodForBoth(String base, String from, String to) {
    String text = base.replace(from.isEmpty() ? "\0" : from, to);
    assertThat(Samples.problems(text)).as("reader").isEmpty();
    assertThat(SCHEMA.validate(text, InputFormat.YAML)).as("schema").isEmpty();
  }

  @ParameterizedTest
  @MethodSource("bad")
  void badFile_isBadForBoth(String base, String from, String to) {
    assertThat(base).contains(from);
    String text = base.replace(from, to);
    assertThat(Samples.problems(text)).as("reader").isNotEmpty();
    assertThat(SCHEMA.validate(text, InputFormat.YAML)).as("schema").isNotEmpty();
  }

  @Test
  void keys_areTheSameInBoth() {
    // The reader names every key it knows when it meets one that it does not.
    String known = Samples.problems(Samples.SMALL.replace("{tenant", "{zzz: 1, tenant")).getFirst();
    List<String> keys = List.of(known.replaceAll(".*expected: |\\)", "").split(", "));
    String schema = StandaloneReader.schema();
    String endpoint = schema.substring(schema.indexOf("\"endpoint\": {"));
    assertThat(keys).allMatch(key -> endpoint.contains("\"" + key + "\": {"));
  }
}
