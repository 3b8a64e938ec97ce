/** Starts, watches and stops the real parts of a mesh on one machine: stores, processes, Envoys. */
@NullMarked
package io.zenmesh.e2e.harness;

import org.jspecify.annotations.NullMarked;
