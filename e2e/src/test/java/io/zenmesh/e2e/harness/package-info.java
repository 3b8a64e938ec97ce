/** Proof that the harness starts securely, shows faults truly and leaves nothing behind. */
@NullMarked
package io.zenmesh.e2e.harness;

import org.jspecify.annotations.NullMarked;
