/** Key-encryption keys in the transit engine of a Vault or OpenBao server. */
@NullMarked
package io.zenmesh.controlplane.store.transit;

import org.jspecify.annotations.NullMarked;
