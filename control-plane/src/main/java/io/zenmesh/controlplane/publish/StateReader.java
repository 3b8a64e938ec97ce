package io.zenmesh.controlplane.publish;

/** Reads the stored desired state for the publisher. */
public interface StateReader {
  /**
   * The state of all tenants at one moment.
   *
   * @throws io.zenmesh.controlplane.apply.StoreException when it cannot be read
   */
  StoredState read();
}
