/** Tests of the verification engine: vectors, negatives, properties and boundaries. */
@NullMarked
package io.zenmesh.extproc.signature;

import org.jspecify.annotations.NullMarked;
