/** Content versions. */
@NullMarked
package io.zenmesh.xds.snapshot;

import org.jspecify.annotations.NullMarked;
