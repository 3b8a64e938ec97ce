/**
 * {@code endpoints.yaml}, what a processor without a control plane is told: its model and its
 * reader. Here, below both, because the processor serves by the file and {@code zenctl} renders
 * Envoy configuration from it, and neither may import the other's rooms.
 */
@NullMarked
package io.zenmesh.xds.standalone;

import org.jspecify.annotations.NullMarked;
