/** Tests of the package of the same name. */
@NullMarked
package io.zenmesh.xds.standalone;

import org.jspecify.annotations.NullMarked;
