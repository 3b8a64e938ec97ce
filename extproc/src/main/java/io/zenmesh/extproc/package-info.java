/** The processor's own process: its command line and its composition root. */
@NullMarked
package io.zenmesh.extproc;

import org.jspecify.annotations.NullMarked;
