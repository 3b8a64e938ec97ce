package io.zenmesh.controlplane.mesh;

import io.zenmesh.xds.model.Name;
import java.net.URI;
import java.util.Optional;

/**
 * Where accepted webhooks go.
 *
 * @param url {@code https://host[:port][/path]}
 * @param ca the tenant's {@code ca} secret the target's certificate must chain to; empty for the
 *     system's roots
 */
public record DestinationSpec(Name tenant, Name name, URI url, Optional<Name> ca) {}
