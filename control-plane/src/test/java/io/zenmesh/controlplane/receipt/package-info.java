/** Receipts of processors on the record. */
@NullMarked
package io.zenmesh.controlplane.receipt;

import org.jspecify.annotations.NullMarked;
