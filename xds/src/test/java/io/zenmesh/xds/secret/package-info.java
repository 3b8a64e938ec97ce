/** What must not leak does not. */
@NullMarked
package io.zenmesh.xds.secret;

import org.jspecify.annotations.NullMarked;
