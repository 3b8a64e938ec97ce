package io.zenmesh.xds.server;

import java.time.Instant;
import java.util.Optional;

/**
 * The last version of one resource that a node accepted.
 *
 * @param version its content version
 * @param at when the node acknowledged it; empty when it held it already as it connected
 */
public record AcceptedResource(String version, Optional<Instant> at) {}
