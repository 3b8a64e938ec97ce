/**
 * The processor without a control plane: policies and keys from a file, taken up when it changes.
 */
@NullMarked
package io.zenmesh.extproc.standalone;

import org.jspecify.annotations.NullMarked;
