/** Proves that the mesh refuses while a part is missing and recovers by itself when it is back. */
@NullMarked
package io.zenmesh.e2e.fault;

import org.jspecify.annotations.NullMarked;
