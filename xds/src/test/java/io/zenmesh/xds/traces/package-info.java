/** Looks for planted secrets where none may be: heap dumps, logs, answers, rows. */
@NullMarked
package io.zenmesh.xds.traces;

import org.jspecify.annotations.NullMarked;
