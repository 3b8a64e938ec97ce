package io.zenmesh.controlplane.custody;

import io.zenmesh.xds.model.Name;

/**
 * Names one secret: whose it is, and the owner's name for it.
 *
 * @param tenant who owns it
 * @param name its name within the tenant
 */
public record SecretRef(Name tenant, Name name) implements Comparable<SecretRef> {
  @Override
  public int compareTo(SecretRef other) {
    int byTenant = tenant.compareTo(other.tenant);
    return byTenant != 0 ? byTenant : name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return tenant + "/" + name;
  }
}
