/** Tenants, who acts in them, and with which role. */
@NullMarked
package io.zenmesh.controlplane.tenant;

import org.jspecify.annotations.NullMarked;
