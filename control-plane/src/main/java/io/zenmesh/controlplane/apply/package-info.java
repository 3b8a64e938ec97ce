/** Makes the stored desired state equal to a mesh file, all of it or nothing. */
@NullMarked
package io.zenmesh.controlplane.apply;

import org.jspecify.annotations.NullMarked;
