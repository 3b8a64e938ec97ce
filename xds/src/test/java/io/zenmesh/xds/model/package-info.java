/** The bounds of the model's values. */
@NullMarked
package io.zenmesh.xds.model;

import org.jspecify.annotations.NullMarked;
