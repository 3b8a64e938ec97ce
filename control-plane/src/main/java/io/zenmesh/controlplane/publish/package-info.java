/**
 * From the stored desired state to what each node is configured with, in an order that never opens
 * a gap.
 */
@NullMarked
package io.zenmesh.controlplane.publish;

import org.jspecify.annotations.NullMarked;
