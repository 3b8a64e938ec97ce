/** Tests of the package of the same name. */
@NullMarked
package io.zenmesh.extproc.standalone;

import org.jspecify.annotations.NullMarked;
