/** Proof of the launcher and of what {@code zen up} shows. */
@NullMarked
package io.zenmesh.e2e.up;

import org.jspecify.annotations.NullMarked;
