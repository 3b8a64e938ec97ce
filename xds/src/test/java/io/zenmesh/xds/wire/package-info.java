/** The wire form of policies and keys, there and back. */
@NullMarked
package io.zenmesh.xds.wire;

import org.jspecify.annotations.NullMarked;
