/**
 * The edge to Envoy: the ext_proc gRPC service on a Unix socket; the only place that knows its
 * types.
 */
@NullMarked
package io.zenmesh.extproc.server;

import org.jspecify.annotations.NullMarked;
