package io.zenmesh.controlplane.publish;

import io.zenmesh.xds.model.NodeId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How far one node has followed a secret, in one of the resources that carry it.
 *
 * @param node which one
 * @param resource what carries it there: an endpoint's keys or a certificate
 * @param published the versions the node is to hold
 * @param acknowledged the versions it is known to hold; empty when that is none or not known
 * @param at when it acknowledged them; empty when it held them already as it connected, or holds
 *     none
 * @param current whether it acknowledged what is published now
 */
public record NodeSecret(
    NodeId node,
    String resource,
    List<Long> published,
    List<Long> acknowledged,
    Optional<Instant> at,
    boolean current) {
  /** Copies the lists. */
  public NodeSecret {
    published = List.copyOf(published);
    acknowledged = List.copyOf(acknowledged);
  }
}
