package io.zenmesh.controlplane;

import io.zenmesh.controlplane.audit.verify.WitnessKey;
import io.zenmesh.controlplane.witness.WitnessClient;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.identity.SpiffeId;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;

/**
 * Where the witness is and how it is known.
 *
 * @param id who it is in TLS; empty for plain HTTP
 * @param key what its cosignatures are checked with
 */
record WitnessPlace(URI server, Optional<SpiffeId> id, WitnessKey key) {
  /** Who asks it, with this process's certificate; the caller's to close. */
  WitnessClient client(IdentityFiles identity) {
    try {
      return id.isEmpty()
          ? new WitnessClient(server, Optional.empty())
          : new WitnessClient(server, Optional.of(MutualTls.load(identity).client(id.get())));
    } catch (IOException e) {
      throw StartException.failed(String.valueOf(e.getMessage()), e);
    }
  }
}
