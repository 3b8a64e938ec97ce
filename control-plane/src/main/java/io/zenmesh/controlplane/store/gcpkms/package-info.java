/** Key-encryption keys in Google Cloud KMS. */
@NullMarked
package io.zenmesh.controlplane.store.gcpkms;

import org.jspecify.annotations.NullMarked;
