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
   * Nothing was published; what runs stays, and it is tried again.
   *
   * @param findings what was wrong with the rendered state
   */
  record Refused(List<String> findings) implements Publication {
    /** Copies the list. */
    public Refused {
      findings = List.copyOf(findings);
    }
  }

  /**
   * Something failed on the way; nodes hold the old state or a part of the new one, and it is tried
   * again.
   *
   * @param reason one line
   */
  record Failed(String reason) implements Publication {}
}
