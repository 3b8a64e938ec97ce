/** SPIFFE ids, well-formed and not. */
@NullMarked
package io.zenmesh.xds.identity;

import org.jspecify.annotations.NullMarked;
