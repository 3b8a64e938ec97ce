/** The factories' output, case by case, against files that a reviewer reads. */
@NullMarked
package io.zenmesh.xds.resource;

import org.jspecify.annotations.NullMarked;
