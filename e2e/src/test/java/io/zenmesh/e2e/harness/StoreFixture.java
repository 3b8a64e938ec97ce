package io.zenmesh.e2e.harness;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;

/** The files of a mesh and a supervisor, for tests that start one store alone. */
final class StoreFixture implements AutoCloseable {
  private final StateDirectory state;
  final MeshFiles files;
  final Supervisor supervisor;
  private final DevPki stranger;

  StoreFixture(Path folder) {
    state = StateDirectory.open(folder.resolve("state"));
    files = MeshFiles.prepare(state, Ports.free(), Clock.systemUTC());
    supervisor = new Supervisor(state.run());
    stranger = DevPki.openOrCreate(folder.resolve("stranger"), "zen.local", Clock.systemUTC());
  }

  /** The same name, from an authority that the mesh does not know; it trusts the mesh's servers. */
  IdentityFiles fromAnotherAuthority(String commonName) throws IOException {
    IdentityFiles identity =
        stranger.issue(state.identity("stranger-" + commonName), Leaf.client(commonName));
    Files.copy(files.roots(), identity.trustBundle(), StandardCopyOption.REPLACE_EXISTING);
    return identity;
  }

  /** The roots of an authority that issued nothing here. */
  Path strangersRoots() {
    return state.root().resolveSibling("stranger").resolve("root.pem");
  }

  @Override
  public void close() {
    supervisor.close();
    state.close();
  }
}
