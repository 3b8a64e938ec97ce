package io.zenmesh.xds.server;

import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Instant;
import java.util.Optional;

/**
 * How far one node has followed what was published to it, for one resource type.
 *
 * @param type the resource type
 * @param resources how many resources are published
 * @param version a short hash over the (name, version) pairs that are published
 * @param state how far the node has come
 * @param detail why the node refused, in its own words; only with {@link State#NACKED}
 * @param at when something last happened between server and node about this type
 */
public record TypeStatus(
    ResourceType type,
    int resources,
    String version,
    State state,
    Optional<String> detail,
    Optional<Instant> at) {

  /** How far a node has come with a type. */
  public enum State {
    /** Something published has not been sent: not connected, not asked for, or waiting its turn. */
    PENDING,
    /** Sent, not answered. */
    SENT,
    /** The node holds what is published. */
    ACKED,
    /** The node refused at least one published resource; it is not sent again. */
    NACKED
  }
}
