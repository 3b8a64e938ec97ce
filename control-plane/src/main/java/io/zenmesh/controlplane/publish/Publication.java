package io.zenmesh.controlplane.publish;

import java.util.List;

/** How a publication went. */
public sealed interface Publication {
  /**
   * Everything is handed to the server.
   *
   * @param nodes how many nodes got something new
   * @param behind nodes that refused a step or did not answer in time; they follow when they can
   */
  record Published(int nodes, List<String> behind) implements Publication {
    /** Copies the list. */
    public Published {
      behind = List.copyOf(behind);
    }
  }

  /**
   * Nothing was published; what runs stays.
   *
   * @param findings what was wrong with the rendered state
   */
  record Refused(List<String> findings) implements Publication {
    /** Copies the list. */
    public Refused {
      findings = List.copyOf(findings);
    }
  }
}
