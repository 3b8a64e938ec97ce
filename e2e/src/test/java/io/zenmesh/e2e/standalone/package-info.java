/** Proof that the processor works without a control plane, in an Envoy built from the fragments. */
@NullMarked
package io.zenmesh.e2e.standalone;

import org.jspecify.annotations.NullMarked;
