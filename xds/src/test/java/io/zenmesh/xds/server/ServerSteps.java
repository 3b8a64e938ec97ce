package io.zenmesh.xds.server;

import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.snapshot.ResourceType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A mesh, and questions about how far its nodes are. */
abstract class ServerSteps {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;
  TestMesh mesh;

  @BeforeEach
  void start() throws Exception {
    mesh = new TestMesh(directory);
  }

  @AfterEach
  void stop() {
    mesh.close();
  }

  boolean acked(NodeId node, ResourceType... types) throws Exception {
    return mesh.server()
        .whenAcked(node, EnumSet.copyOf(List.of(types)), PATIENCE)
        .get(40, TimeUnit.SECONDS);
  }

  TypeStatus status(NodeId node, ResourceType type) {
    return mesh.server().status().stream()
        .filter(status -> status.node().equals(node))
        .flatMap(status -> status.types().stream())
        .filter(status -> status.type() == type)
        .findFirst()
        .orElseThrow();
  }
}
