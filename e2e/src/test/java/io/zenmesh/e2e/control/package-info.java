/** Proves that the running mesh follows mesh.yaml, and says what each node has. */
@NullMarked
package io.zenmesh.e2e.control;

import org.jspecify.annotations.NullMarked;
