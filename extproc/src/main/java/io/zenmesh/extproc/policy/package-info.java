/** The policies in force: a received set, checked and made ready to verify, swapped as a whole. */
@NullMarked
package io.zenmesh.extproc.policy;

import org.jspecify.annotations.NullMarked;
