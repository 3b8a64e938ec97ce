/** Fetches the processor's policies and keys from the control plane and keeps the last good set. */
@NullMarked
package io.zenmesh.xds.client;

import org.jspecify.annotations.NullMarked;
