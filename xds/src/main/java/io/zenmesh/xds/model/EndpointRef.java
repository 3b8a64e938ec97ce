package io.zenmesh.xds.model;

/**
 * Names one endpoint across the mesh: the tenant and the tenant's own name for it.
 *
 * @param tenant who owns it
 * @param endpoint its name within the tenant
 */
public record EndpointRef(Name tenant, Name endpoint) implements Comparable<EndpointRef> {
  /**
   * Reads what {@link #routeName()} writes.
   *
   * @throws IllegalArgumentException when the text is not {@code tenant/endpoint}
   */
  public static EndpointRef parse(String routeName) {
    int slash = routeName.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException("route name: (expected: tenant/endpoint)");
    }
    return new EndpointRef(
        new Name(routeName.substring(0, slash)), new Name(routeName.substring(slash + 1)));
  }

  /** The name of the Envoy route and of the xDS resources of this endpoint: {@code acme/orders}. */
  public String routeName() {
    return tenant + "/" + endpoint;
  }

  @Override
  public int compareTo(EndpointRef other) {
    int byTenant = tenant.compareTo(other.tenant);
    return byTenant != 0 ? byTenant : endpoint.compareTo(other.endpoint);
  }

  @Override
  public String toString() {
    return routeName();
  }
}
