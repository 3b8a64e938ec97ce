package io.zenmesh.xds.server;

import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.ReceiptBatch;

/**
 * Where the receipts of processors go.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>Called only for a node that its certificate names, in role extproc, and only with receipts of
 * tenants that this node serves. Thread-safe.
 */
public interface ReceiptIntake {
  /**
   * Puts receipts on record; returns when they are committed. What comes again is recorded once.
   *
   * @throws ReceiptsUnavailableException when they are not known to be on record; the node keeps
   *     them and comes again
   */
  void record(NodeId node, ReceiptBatch batch);
}
