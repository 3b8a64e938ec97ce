/** The mesh file: strict parsing, all problems at once, and what it describes as plain values. */
@NullMarked
package io.zenmesh.controlplane.mesh;

import org.jspecify.annotations.NullMarked;
