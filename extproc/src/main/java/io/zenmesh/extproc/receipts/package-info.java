/** Receipts: what was decided, kept on disk until the control plane has it on record. */
@NullMarked
package io.zenmesh.extproc.receipts;

import org.jspecify.annotations.NullMarked;
