/** The command {@code zen up}: the whole mesh on one machine, checked before it is handed over. */
@NullMarked
package io.zenmesh.e2e.up;

import org.jspecify.annotations.NullMarked;
