/** Tests of the check's own parts, against each other. */
@NullMarked
package io.zenmesh.e2e.check;

import org.jspecify.annotations.NullMarked;
