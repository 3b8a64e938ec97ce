/** What a mesh is made of, as plain values: no Envoy, no gRPC, no JSON. */
@NullMarked
package io.zenmesh.xds.model;

import org.jspecify.annotations.NullMarked;
