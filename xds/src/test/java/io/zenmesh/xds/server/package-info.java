/** The xDS server against raw clients, processors and a real Envoy. */
@NullMarked
package io.zenmesh.xds.server;

import org.jspecify.annotations.NullMarked;
