/** Identity files and the contexts made from them. */
@NullMarked
package io.zenmesh.xds.identity;

import org.jspecify.annotations.NullMarked;
