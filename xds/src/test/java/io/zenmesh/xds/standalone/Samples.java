package io.zenmesh.xds.standalone;

import io.zenmesh.xds.document.Problem;
import io.zenmesh.xds.standalone.StandaloneReader.Reading;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Texts of endpoints.yaml, and what reading them gives. */
public final class Samples {
  static final Set<String> SCHEMES = Set.of("zen", "github", "stripe", "standard-webhooks");

  /** Every key of the file, once. */
  static final String FULL =
      """
      apiVersion: zenmesh.io/v1alpha1
      listen:
        address: 0.0.0.0:9000
        identity: identity
        clients:
          spiffeIds: [spiffe://zen.example/envoy]
          sans: [envoy.zen.svc]
      replay:
        redis:
          address: redis.zen.svc:6379
          user: zen
          passwordFile: redis.password
          identity: redis
      admin:
        address: 10.0.0.1:9902
        identity: identity
      endpoints:
        - tenant: acme
          name: orders
          scheme: github
          secrets:
            - file: secrets/orders
            - env: ORDERS_SECRET
            - directory: /var/run/secrets/zen
              key: orders.txt
          tolerance: 300s
          maxBodyBytes: 262144
          publicUrl: https://hooks.acme.example/orders
          onDuplicate: acknowledge
          onStoreLoss: accept
          enforce: false
          topicArns: ["arn:aws:sns:eu-west-1:123456789012:orders"]
          autoConfirm: true
          host: hooks.acme.example
          path: /orders
          destination: https://orders.acme.example:8443
        - tenant: acme
          name: own
          scheme: our-own
          definition:
            file: our-own.yaml
          secrets: [{file: secrets/own}]
          host: hooks.acme.example
          path: /own
          cluster: own_service
      """;

  /** As little as there can be. */
  static final String SMALL =
      """
      listen: /run/zen/extproc.sock
      replay: {memory: {}}
      endpoints:
        - {tenant: acme, name: orders, scheme: zen, secrets: [{file: orders}]}
      """;

  private Samples() {}

  static Reading read(String text) {
    return StandaloneReader.read(text, Path.of("/etc/zen"), SCHEMES);
  }

  /** A good file. */
  public static StandaloneConfig good(String text) {
    return switch (read(text)) {
      case Reading.Good(StandaloneConfig config) -> config;
      case Reading.Bad(List<Problem> problems) -> throw new AssertionError(problems.toString());
    };
  }

  /** The problems of a bad file, a line for each. */
  static List<String> problems(String text) {
    return switch (read(text)) {
      case Reading.Good good -> List.of();
      case Reading.Bad(List<Problem> problems) -> problems.stream().map(Problem::toString).toList();
    };
  }
}
