/** Archives of the audit record in an S3-compatible store. */
@NullMarked
package io.zenmesh.controlplane.store.s3;

import org.jspecify.annotations.NullMarked;
