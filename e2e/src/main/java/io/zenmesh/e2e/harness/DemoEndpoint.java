package io.zenmesh.e2e.harness;

import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.Name;
import java.util.List;

/**
 * One endpoint of the demo set.
 *
 * @param tenant its owner
 * @param name its name; also the last segment of its path
 * @param scheme how its senders sign
 * @param kind the form of its secret
 */
public record DemoEndpoint(Name tenant, Name name, String scheme, SecretKind kind) {
  /** The form of a generated secret. */
  public enum SecretKind {
    /** {@code zenk1_} and 32 bytes in base64url. */
    ZEN,
    /** {@code whsec_} and 32 bytes in base64. */
    STANDARD,
    /** {@code whsec_} and 32 letters and digits, used as text. */
    STRIPE,
    /** 40 hexadecimal digits, used as text. */
    TEXT
  }

  /** Every endpoint of the demo set. */
  public static final List<DemoEndpoint> ALL =
      List.of(
          of("acme", "zen", "zen", SecretKind.ZEN),
          of("acme", "github", "github", SecretKind.TEXT),
          of("acme", "gitlab", "gitlab-token", SecretKind.TEXT),
          of("acme", "stripe", "stripe", SecretKind.STRIPE),
          of("acme", "standard", "standard-webhooks", SecretKind.STANDARD),
          of("globex", "zen", "zen", SecretKind.ZEN),
          of("globex", "github", "github", SecretKind.TEXT));

  /** An endpoint of a tenant of the demo set. */
  public static DemoEndpoint of(String tenant, String name, String scheme, SecretKind kind) {
    return new DemoEndpoint(new Name(tenant), new Name(name), scheme, kind);
  }

  public EndpointRef ref() {
    return new EndpointRef(tenant, name);
  }

  /**
   * Whether its senders sign the time. The embedded Redis starts empty, which the processors take
   * for a loss: what signs no time would be refused for as long as its replay window lasts.
   */
  public boolean signsTime() {
    return !scheme.equals("github") && !scheme.equals("dropbox") && !scheme.equals("gitlab-token");
  }

  /** The one host name of its tenant. */
  public String host() {
    return "hooks." + tenant + ".test";
  }

  public String path() {
    return "/" + tenant + "/" + name;
  }

  /** Where its secret is, below the secrets folder. */
  public String secretFile() {
    return tenant + "-" + name + ".key";
  }
}
