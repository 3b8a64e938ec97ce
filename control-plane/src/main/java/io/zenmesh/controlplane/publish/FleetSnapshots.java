package io.zenmesh.controlplane.publish;

import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What every node is to hold in the end, and what egress Envoys are to hold on the way there.
 *
 * @param processors of external processors
 * @param ingress of ingress Envoys
 * @param egress of egress Envoys
 * @param egressBridge of egress Envoys while ingress may still send for endpoints that are going
 * @param routesFirst the endpoints whose policy may only change once their routes have
 */
record FleetSnapshots(
    SortedMap<NodeId, NodeSnapshot> processors,
    SortedMap<NodeId, NodeSnapshot> ingress,
    SortedMap<NodeId, NodeSnapshot> egress,
    SortedMap<NodeId, NodeSnapshot> egressBridge,
    Set<String> routesFirst) {
  FleetSnapshots {
    processors = copy(processors);
    ingress = copy(ingress);
    egress = copy(egress);
    egressBridge = copy(egressBridge);
    routesFirst = Set.copyOf(routesFirst);
  }

  private static SortedMap<NodeId, NodeSnapshot> copy(Map<NodeId, NodeSnapshot> map) {
    return Collections.unmodifiableSortedMap(new TreeMap<>(map));
  }
}
