package io.zenmesh.xds.lint;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.zenmesh.xds.resource.AuthorizationDoor;
import io.zenmesh.xds.resource.SampleMesh;
import io.zenmesh.xds.snapshot.ContentVersion;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;

/** Snapshots as the factories render them, but for one resource. */
final class Weakened {
  private Weakened() {}

  static NodeSnapshot ingress() {
    return SampleMesh.ingress(
        SampleMesh.ingressNode(
            SampleMesh.routes(), SampleMesh.peer("egress-1", "127.0.0.1", 18543)));
  }

  static NodeSnapshot guardedIngress() {
    return SampleMesh.ingress(
        SampleMesh.ingressNode(
            SampleMesh.guardedRoutes(), SampleMesh.peer("egress-1", "127.0.0.1", 18543)));
  }

  static NodeSnapshot guardedProcessor() {
    return SampleMesh.processor(SampleMesh.guardedPolicies(), List.of());
  }

  /** The same ingress, asking through ext_authz. */
  static NodeSnapshot ingressByAuthorization() {
    try (ContentVersion versions = SampleMesh.versions()) {
      return AuthorizationDoor.of(ingress(), versions);
    }
  }

  static NodeSnapshot guardedByAuthorization() {
    try (ContentVersion versions = SampleMesh.versions()) {
      return AuthorizationDoor.of(guardedIngress(), versions);
    }
  }

  static NodeSnapshot egress() {
    return SampleMesh.egress(
        SampleMesh.egressNode(SampleMesh.destinations(), "ingress-1", "ingress-2"),
        SampleMesh.bundles());
  }

  static NodeSnapshot processor() {
    return SampleMesh.processor(SampleMesh.policies(), SampleMesh.keys());
  }

  static <T extends Message> T get(
      NodeSnapshot snapshot, ResourceType type, String name, Class<T> message) {
    Resource resource =
        Optional.ofNullable(snapshot.resources(type).get(name))
            .orElseThrow(() -> new NoSuchElementException(type + " " + name));
    return unpack(resource.body(), message);
  }

  /** The snapshot with this body in the place of the one of that name. */
  static NodeSnapshot with(NodeSnapshot snapshot, ResourceType type, String name, Message message) {
    try (ContentVersion versions = SampleMesh.versions()) {
      List<Resource> resources = without(snapshot, type, name);
      resources.add(versions.resource(type, name, message));
      return NodeSnapshot.of(resources);
    }
  }

  static List<Resource> without(NodeSnapshot snapshot, ResourceType type, String name) {
    List<Resource> resources = new ArrayList<>();
    for (ResourceType each : ResourceType.values()) {
      for (Map.Entry<String, Resource> resource : snapshot.resources(each).entrySet()) {
        if (each != type || !resource.getKey().equals(name)) {
          resources.add(resource.getValue());
        }
      }
    }
    return resources;
  }

  static <T extends Message> T unpack(Any any, Class<T> type) {
    try {
      return any.unpack(type);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** A field that the proto classes do not know. */
  static UnknownFieldSet unknown() {
    return UnknownFieldSet.newBuilder()
        .addField(4242, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
        .build();
  }

  /** The findings of a snapshot with one resource changed. */
  static List<Finding> lint(
      NodeSnapshot snapshot, ResourceType type, String name, Message changed) {
    return SnapshotLinter.lint(with(snapshot, type, name, changed));
  }
}
