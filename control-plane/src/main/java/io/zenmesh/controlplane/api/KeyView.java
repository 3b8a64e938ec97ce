package io.zenmesh.controlplane.api;

import java.util.List;

/**
 * The versions of one derived key; the key itself is shown once, when it is issued.
 *
 * @param cluster where it counts
 * @param purpose ingress, egress or agent
 */
public record KeyView(String cluster, String purpose, List<SecretView.VersionView> versions) {
  /** Copies the list. */
  public KeyView {
    versions = List.copyOf(versions);
  }

  /** Every derived key of a tenant. */
  public record Keys(List<KeyView> items) {
    /** Copies the list. */
    public Keys {
      items = List.copyOf(items);
    }
  }

  /**
   * What a change of a tenant's root did.
   *
   * @param version the new root's
   * @param erased the versions of roots that no key needs any more
   */
  public record Root(long version, List<Long> erased) {
    /** Copies the list. */
    public Root {
      erased = List.copyOf(erased);
    }
  }
}
