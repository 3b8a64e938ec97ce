/** Tests of fetched keys. */
@NullMarked
package io.zenmesh.extproc.keys;

import org.jspecify.annotations.NullMarked;
