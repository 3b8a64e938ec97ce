/** The one place where our model meets the protos it travels in. */
@NullMarked
package io.zenmesh.xds.wire;

import org.jspecify.annotations.NullMarked;
