package io.zenmesh.xds.model;

/**
 * The way from a public URL to an endpoint.
 *
 * @param endpoint the endpoint; its {@link EndpointRef#routeName()} names the Envoy route
 * @param host the public host name, lower case, no port
 * @param path the exact path, beginning with {@code /}
 * @param outcomeNeeded whether the processor must see the response, because the endpoint's scheme
 *     claims a message before and commits or releases it after the upstream's answer
 * @param enforce whether the gate admits verified requests only; false for an endpoint in dry run
 * @param access who may call, and how often; all routes of a host ask for the same client
 *     certificate from the same roots
 */
public record IngressRoute(
    EndpointRef endpoint,
    String host,
    String path,
    boolean outcomeNeeded,
    boolean enforce,
    Access access) {
  /** A route for anyone. */
  public IngressRoute(
      EndpointRef endpoint, String host, String path, boolean outcomeNeeded, boolean enforce) {
    this(endpoint, host, path, outcomeNeeded, enforce, Access.OPEN);
  }

  /** A route for anyone whose gate admits verified requests only. */
  public IngressRoute(EndpointRef endpoint, String host, String path, boolean outcomeNeeded) {
    this(endpoint, host, path, outcomeNeeded, true);
  }
}
