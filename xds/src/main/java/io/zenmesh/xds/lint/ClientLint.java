package io.zenmesh.xds.lint;

import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.ClientRequirement.Mtls;
import io.zenmesh.xds.resource.ResourceNames;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import io.zenmesh.xds.wire.PolicyCodec;
import io.zenmesh.xds.wire.v1.EndpointPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** An ingress Envoy and the processor beside it must ask for the same client certificates. */
final class ClientLint {
  private ClientLint() {}

  static List<String> problems(
      RouteConfiguration routes, NodeSnapshot ingress, NodeSnapshot processor)
      throws InvalidProtocolBufferException {
    Map<String, Boolean> required = new HashMap<>();
    for (Resource listener : ingress.resources(ResourceType.LISTENER).values()) {
      required.putAll(ListenerLint.required(listener.body().unpack(Listener.class)));
    }
    boolean asked = ResourceNames.hostOf(routes.getName()).isPresent();
    List<String> problems = new ArrayList<>();
    for (VirtualHost host : routes.getVirtualHostsList()) {
      for (Route route : host.getRoutesList()) {
        Resource policy = processor.resources(ResourceType.POLICY).get(route.getName());
        if (policy == null) {
          continue; // said elsewhere
        }
        try {
          ClientRequirement client =
              PolicyCodec.decode(policy.body().unpack(EndpointPolicy.class)).client();
          boolean alike =
              client.asked() == asked
                  && (client.mtls() == Mtls.REQUIRED)
                      == required.getOrDefault(routes.getName(), false)
                  && AccessLint.names(route, client);
          if (!alike) {
            problems.add(
                route.getName()
                    + " asks for another client certificate than its policy (expected: the same)");
          }
        } catch (IllegalArgumentException e) {
          continue; // said elsewhere
        }
      }
    }
    return problems;
  }

  /** Hosts of more than one route configuration: one of them could be reached past the other. */
  static Set<String> hostsTwice(NodeSnapshot snapshot) {
    Set<String> hosts = new HashSet<>();
    Set<String> twice = new TreeSet<>();
    for (Resource resource : snapshot.resources(ResourceType.ROUTE).values()) {
      try {
        for (VirtualHost host :
            resource.body().unpack(RouteConfiguration.class).getVirtualHostsList()) {
          if (!hosts.add(host.getName())) {
            twice.add(host.getName());
          }
        }
      } catch (InvalidProtocolBufferException e) {
        continue; // said elsewhere
      }
    }
    return twice;
  }
}
