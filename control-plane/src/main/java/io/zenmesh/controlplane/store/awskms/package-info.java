/** Key-encryption keys in AWS KMS. */
@NullMarked
package io.zenmesh.controlplane.store.awskms;

import org.jspecify.annotations.NullMarked;
