/** What the key management services of others have in common. */
@NullMarked
package io.zenmesh.controlplane.store.kms;

import org.jspecify.annotations.NullMarked;
