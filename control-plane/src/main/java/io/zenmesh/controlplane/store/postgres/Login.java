package io.zenmesh.controlplane.store.postgres;

/** The database roles this process logs in as; each has its own pool and its own policies. */
enum Login {
  /** Owns the tables; only the migrations use it, and only at start. */
  OWNER("zen_owner", 1),
  /** Works within one tenant's context at a time. */
  APP("zen_app", 4),
  /** Reads for the publisher, across tenants. */
  FLEET("zen_fleet", 2),
  /** Appends to the audit record and reads it, of all chains. */
  AUDIT("zen_audit", 2),
  /** Calls the function that prunes archived audit entries, and nothing else. */
  RETENTION("zen_retention", 1);

  /** The schema everything lies in. */
  static final String SCHEMA = "zen";

  private final String role;
  private final int poolSize;

  Login(String role, int poolSize) {
    this.role = role;
    this.poolSize = poolSize;
  }

  String role() {
    return role;
  }

  int poolSize() {
    return poolSize;
  }
}
