/** Serves snapshots to the nodes of the mesh: delta ADS over mutual TLS, one node per identity. */
@NullMarked
package io.zenmesh.xds.server;

import org.jspecify.annotations.NullMarked;
