package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.apply.Change;
import java.util.List;
import java.util.Locale;

/**
 * The answer to an accepted {@code POST /v1/mesh}.
 *
 * @param changes what differed from before
 * @param nodes how many nodes got something new
 * @param behind nodes that have not followed yet
 */
public record AppliedView(List<ChangeView> changes, int nodes, List<String> behind) {
  /** Copies the lists. */
  public AppliedView {
    changes = List.copyOf(changes);
    behind = List.copyOf(behind);
  }

  /**
   * One change.
   *
   * @param kind added, changed or removed
   * @param subject such as {@code Endpoint acme/orders}
   */
  public record ChangeView(String kind, String subject) {
    static ChangeView of(Change change) {
      return new ChangeView(change.kind().name().toLowerCase(Locale.ROOT), change.subject());
    }
  }
}
