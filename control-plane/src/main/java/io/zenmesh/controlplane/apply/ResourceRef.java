package io.zenmesh.controlplane.apply;

import io.zenmesh.xds.model.Name;

/**
 * Which document of the desired state is meant.
 *
 * @param tenant whose it is; of a tenant, itself
 */
public record ResourceRef(Kind kind, Name tenant, Name name) {
  /** The kinds of documents but secrets, which are not stated in the clear. */
  public enum Kind {
    TENANT("Tenant"),
    CLUSTER("Cluster"),
    DESTINATION("Destination"),
    ENDPOINT("Endpoint");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** As documents say it. */
    public String word() {
      return word;
    }
  }

  /** As problems name it: {@code Endpoint acme/orders}. */
  public String subject() {
    return kind == Kind.TENANT ? kind.word() + " " + name : kind.word() + " " + tenant + "/" + name;
  }
}
