/** What becomes of a request: a state machine of values, from its head to its outcome. */
@NullMarked
package io.zenmesh.extproc.pipeline;

import org.jspecify.annotations.NullMarked;
