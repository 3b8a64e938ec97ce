/** YAML and JSON text as trees that know where each value stands. */
@NullMarked
package io.zenmesh.xds.document;

import org.jspecify.annotations.NullMarked;
